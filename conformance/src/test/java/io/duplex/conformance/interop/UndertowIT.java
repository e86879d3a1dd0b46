package io.duplex.conformance.interop;

import io.undertow.Undertow;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketExtension;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.client.WebSocketClient;
import io.undertow.websockets.client.WebSocketClientNegotiation;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.xnio.OptionMap;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** Undertow, the server of WildFly. */
final class UndertowIT {
    @Nested
    class AsServer implements ForeignServerContract {
        @Override
        public ForeignServer start(boolean compressing) {
            WebSocketConnectionCallback opened = (exchange, channel) -> {
                channel.getReceiveSetter().set(new Echo());
                channel.resumeReceives();
            };
            WebSocketProtocolHandshakeHandler handshakes =
                    new WebSocketProtocolHandshakeHandler(List.of(new Hybi13Handshake(Set.of("echo"), false)), opened);
            if (compressing) {
                handshakes.addExtension(new PerMessageDeflateHandshake());
            }
            Undertow server = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1")
                    .setIoThreads(1)
                    .setWorkerThreads(2)
                    .setHandler(handshakes)
                    .build();
            server.start();
            return new Running(server);
        }
    }

    @Nested
    class AsClient implements ForeignClientContract {
        @Override
        public ForeignSession connect(URI uri, boolean compressing) throws Exception {
            XnioWorker worker = Xnio.getInstance().createWorker(OptionMap.EMPTY);
            ByteBufferPool buffers = new DefaultByteBufferPool(false, 16 << 10);
            WebSocketClient.ConnectionBuilder builder = WebSocketClient.connectionBuilder(worker, buffers, uri)
                    .setClientNegotiation(new WebSocketClientNegotiation(List.of("echo"), List.of()));
            if (compressing) {
                PerMessageDeflateHandshake deflate = new PerMessageDeflateHandshake(true);
                builder.setClientNegotiation(new WebSocketClientNegotiation(
                        List.of("echo"),
                        List.of(WebSocketExtension.parse("permessage-deflate").get(0))));
                builder.setClientExtensions(Set.of(deflate));
            }
            WebSocketChannel channel = builder.connect().get();
            Transcript transcript = new Transcript();
            channel.getReceiveSetter().set(new Receiver(transcript));
            channel.resumeReceives();
            return new Session(worker, channel, transcript);
        }
    }

    private record Running(Undertow server) implements ForeignServer {
        @Override
        public int port() {
            return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        }

        @Override
        public void close() {
            server.stop();
        }
    }

    private static final class Echo extends AbstractReceiveListener {
        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
            String text = message.getData(); // empties it
            if (text.equals("close")) {
                WebSockets.sendClose(4001, "bye", channel, null);
            } else {
                WebSockets.sendText(text, channel, null);
            }
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            WebSockets.sendBinary(bytes(message), channel, null);
        }
    }

    private static final class Receiver extends AbstractReceiveListener {
        private final Transcript transcript;

        private Receiver(Transcript transcript) {
            this.transcript = transcript;
        }

        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
            transcript.text(message.getData());
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            transcript.binary(bytes(message));
        }

        @Override
        protected void onCloseMessage(CloseMessage close, WebSocketChannel channel) {
            transcript.closed(close.getCode(), close.getReason());
        }
    }

    private static ByteBuffer bytes(BufferedBinaryMessage message) {
        var pooled = message.getData();
        try {
            return Transcript.copy(WebSockets.mergeBuffers(pooled.getResource()));
        } finally {
            pooled.close();
        }
    }

    private record Session(XnioWorker worker, WebSocketChannel channel, Transcript received) implements ForeignSession {
        @Override
        public void sendText(String text) throws IOException {
            WebSockets.sendTextBlocking(text, channel);
        }

        @Override
        public void sendBinary(ByteBuffer payload) throws IOException {
            WebSockets.sendBinaryBlocking(payload, channel);
        }

        @Override
        public void close(int code, String reason) throws IOException {
            WebSockets.sendCloseBlocking(code, reason, channel);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            worker.shutdownNow();
        }
    }
}
