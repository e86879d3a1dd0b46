package io.duplex.conformance.interop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.IExtension;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.protocols.Protocol;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.Nested;

/** The library Java-WebSocket. */
final class JavaWebSocketIT {
    private static Draft draft(boolean compressing) {
        List<IExtension> extensions = compressing ? List.of(new PerMessageDeflateExtension()) : List.of();
        return new Draft_6455(extensions, List.of(new Protocol("echo")));
    }

    @Nested
    class AsServer implements ForeignServerContract {
        /** After a Ping inside a compressed message it no longer inflates the rest. */
        @Override
        public boolean takesPingsInsideCompressedMessages() {
            return false;
        }

        @Override
        public ForeignServer start(boolean compressing) throws Exception {
            EchoServer server = new EchoServer(draft(compressing));
            server.start();
            if (!server.started.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server did not start");
            }
            return server;
        }
    }

    @Nested
    class AsClient implements ForeignClientContract {
        /**
         * Its thread that writes does not if it is told to end before it waits for something to write, as may happen to one that has
         * only begun: then the answer is lost.
         */
        @Override
        public boolean answersEveryClose() {
            return false;
        }

        @Override
        public ForeignSession connect(URI uri, boolean compressing) throws Exception {
            Client client = new Client(uri, draft(compressing));
            if (!client.connectBlocking(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the client did not connect");
            }
            return new Session(client);
        }
    }

    private static final class EchoServer extends WebSocketServer implements ForeignServer {
        private final CountDownLatch started = new CountDownLatch(1);

        private EchoServer(Draft draft) {
            super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, List.of(draft));
        }

        @Override
        public int port() {
            return getPort();
        }

        @Override
        public void close() {
            try {
                stop(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onStart() {
            started.countDown();
        }

        @Override
        public void onOpen(WebSocket socket, ClientHandshake handshake) {}

        @Override
        public void onMessage(WebSocket socket, String text) {
            if (text.equals("close")) {
                socket.close(4001, "bye");
            } else {
                socket.send(text);
            }
        }

        @Override
        public void onMessage(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }

        @Override
        public void onClose(WebSocket socket, int code, String reason, boolean remote) {}

        @Override
        public void onError(WebSocket socket, Exception failure) {}
    }

    private static final class Client extends WebSocketClient {
        private final Transcript transcript = new Transcript();

        private Client(URI uri, Draft draft) {
            super(uri, draft);
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}

        @Override
        public void onMessage(String text) {
            transcript.text(text);
        }

        @Override
        public void onMessage(ByteBuffer payload) {
            transcript.binary(payload);
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            transcript.closed(code, reason);
        }

        @Override
        public void onError(Exception failure) {}
    }

    private record Session(Client client) implements ForeignSession {
        @Override
        public void sendText(String text) {
            client.send(text);
        }

        @Override
        public void sendBinary(ByteBuffer payload) {
            client.send(payload);
        }

        @Override
        public void close(int code, String reason) {
            client.close(code, reason);
        }

        @Override
        public Transcript received() {
            return client.transcript;
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
