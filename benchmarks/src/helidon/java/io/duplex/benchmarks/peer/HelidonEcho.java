package io.duplex.benchmarks.peer;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Helidon: a virtual thread a connection, frames echoed as they come, sends that wait. It does not compress. */
final class HelidonEcho {
    private static final Set<WsSession> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

    private HelidonEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        Echo echo = new Echo();
        WebServerConfig.Builder builder = WebServer.builder()
                .host(PeerOptions.HOST)
                .port(options.port())
                .backlog(PeerOptions.BACKLOG)
                .addProtocol(WsConfig.builder()
                        .maxFrameLength(PeerOptions.MAX_MESSAGE_BYTES)
                        .build())
                .addRouting(WsRouting.builder()
                        .endpoint(PeerOptions.FANOUT, new FanOut())
                        .endpoint("/*", echo));
        if (options.tls()) {
            builder.tls(
                    Tls.builder().sslContext(PeerCertificate.create().context()).build());
        }
        WebServer server = builder.build().start();
        options.listening(server.port());
    }

    private static final class Echo implements WsListener {
        @Override
        public void onMessage(WsSession session, String text, boolean last) {
            session.send(text, last);
        }

        @Override
        public void onMessage(WsSession session, BufferData payload, boolean last) {
            session.send(payload, last);
        }
    }

    private static final class FanOut implements WsListener {
        @Override
        public void onOpen(WsSession session) {
            SUBSCRIBERS.add(session);
        }

        @Override
        public void onMessage(WsSession session, BufferData payload, boolean last) {
            byte[] bytes = payload.readBytes();
            SUBSCRIBERS.removeIf(subscriber -> !send(subscriber, bytes, last));
        }

        /** Returns false to a session that has gone without a closing handshake. */
        private static boolean send(WsSession subscriber, byte[] bytes, boolean last) {
            try {
                subscriber.send(BufferData.create(bytes), last);
                return true;
            } catch (RuntimeException e) {
                return false;
            }
        }

        @Override
        public void onClose(WsSession session, int code, String reason) {
            SUBSCRIBERS.remove(session);
        }

        @Override
        public void onError(WsSession session, Throwable fault) {
            SUBSCRIBERS.remove(session);
        }
    }
}
