package io.duplex.benchmarks.peer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty's own API: one acceptor, one selector, whole messages, sends that do not wait. */
final class JettyEcho {
    private static final int THREADS = 16;
    private static final int UNLIMITED = -1;
    private static final Set<Session> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

    private JettyEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        Server server = new Server(new QueuedThreadPool(THREADS));
        HttpConnectionFactory http = new HttpConnectionFactory();
        ServerConnector connector;
        if (options.tls()) {
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(PeerCertificate.create().context());
            connector = new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, http.getProtocol()), http);
        } else {
            connector = new ServerConnector(server, 1, 1, http);
        }
        connector.setHost(PeerOptions.HOST);
        connector.setPort(options.port());
        connector.setAcceptQueueSize(PeerOptions.BACKLOG);
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, JettyEcho::configure));
        server.start();
        options.listening(connector.getLocalPort());
        server.join();
    }

    private static void configure(ServerWebSocketContainer container) {
        container.setMaxTextMessageSize(PeerOptions.MAX_MESSAGE_BYTES);
        container.setMaxBinaryMessageSize(PeerOptions.MAX_MESSAGE_BYTES);
        container.setMaxFrameSize(PeerOptions.MAX_MESSAGE_BYTES);
        container.setMaxOutgoingFrames(UNLIMITED);
        container.setIdleTimeout(Duration.ofMinutes(5));
        container.addMapping(PeerOptions.FANOUT, (request, response, callback) -> new FanOut());
        container.addMapping("/*", (request, response, callback) -> new Echo());
    }

    /** Public, because Jetty calls it by method handles. */
    public static final class Echo extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketText(String text) {
            getSession().sendText(text, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, callback);
        }
    }

    /** Public, because Jetty calls it by method handles. */
    public static final class FanOut extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketOpen(Session session) {
            super.onWebSocketOpen(session);
            SUBSCRIBERS.add(session);
        }

        @Override
        public void onWebSocketClose(int code, String reason, Callback callback) {
            SUBSCRIBERS.remove(getSession());
            callback.succeed();
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            ByteBuffer copy =
                    ByteBuffer.allocate(payload.remaining()).put(payload).flip();
            callback.succeed();
            for (Session subscriber : SUBSCRIBERS) {
                subscriber.sendBinary(copy.duplicate(), Callback.NOOP);
            }
        }
    }
}
