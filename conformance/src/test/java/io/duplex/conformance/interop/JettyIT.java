package io.duplex.conformance.interop;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.junit.jupiter.api.Nested;

/** Jetty 12. */
final class JettyIT {
    private static final int MAX_MESSAGE_BYTES = 2 << 20;

    @Nested
    class AsServer implements ForeignServerContract {
        /** A Ping inside a compressed message makes Jetty forget what it has inflated of it. */
        @Override
        public boolean takesPingsInsideCompressedMessages() {
            return false;
        }

        @Override
        public ForeignServer start(boolean compressing) throws Exception {
            Server server = new Server(new QueuedThreadPool(8));
            ServerConnector connector = new ServerConnector(server, 1, 1);
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
                container.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
                container.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
                container.setMaxFrameSize(MAX_MESSAGE_BYTES);
                container.addMapping("/*", (request, response, callback) -> {
                    response.setAcceptedSubProtocol("echo");
                    return new Echo();
                });
            }));
            server.start();
            return new Running(server, connector);
        }
    }

    @Nested
    class AsClient implements ForeignClientContract {
        @Override
        public ForeignSession connect(URI uri, boolean compressing) throws Exception {
            WebSocketClient client = new WebSocketClient();
            client.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
            client.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
            client.setMaxFrameSize(MAX_MESSAGE_BYTES);
            client.start();
            ClientUpgradeRequest request = new ClientUpgradeRequest(uri);
            request.setSubProtocols("echo");
            if (compressing) {
                request.addExtensions("permessage-deflate");
            }
            Receiver receiver = new Receiver();
            Session session = client.connect(receiver, request).get(60, TimeUnit.SECONDS);
            return new JettySession(client, session, receiver.transcript);
        }
    }

    private record Running(Server server, ServerConnector connector) implements ForeignServer {
        @Override
        public int port() {
            return connector.getLocalPort();
        }

        @Override
        public void close() {
            LifeCycle.stop(server);
        }
    }

    /** Jetty calls it by reflection. */
    public static final class Echo extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketText(String text) {
            if (text.equals("close")) {
                getSession().close(4001, "bye", Callback.NOOP);
            } else {
                getSession().sendText(text, Callback.NOOP);
            }
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, callback);
        }
    }

    /** Jetty calls it by reflection. */
    public static final class Receiver extends Session.Listener.AbstractAutoDemanding {
        private final Transcript transcript = new Transcript();

        @Override
        public void onWebSocketText(String text) {
            transcript.text(text);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            transcript.binary(payload);
            callback.succeed();
        }

        @Override
        public void onWebSocketError(Throwable failure) {
            transcript.ended(failure);
        }

        @Override
        public void onWebSocketClose(int code, String reason, Callback callback) {
            transcript.closed(code, reason == null ? "" : reason);
            callback.succeed();
        }
    }

    private record JettySession(WebSocketClient client, Session session, Transcript received)
            implements ForeignSession {
        @Override
        public void sendText(String text) {
            session.sendText(text, Callback.NOOP);
        }

        @Override
        public void sendBinary(ByteBuffer payload) {
            session.sendBinary(payload, Callback.NOOP);
        }

        @Override
        public void close(int code, String reason) {
            session.close(code, reason, Callback.NOOP);
        }

        @Override
        public void close() {
            LifeCycle.stop(client);
        }
    }
}
