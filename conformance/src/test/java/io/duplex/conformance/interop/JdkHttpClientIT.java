package io.duplex.conformance.interop;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/** The JDK's own client. */
final class JdkHttpClientIT implements ForeignClientContract {
    @Override
    public boolean canCompress() {
        return false;
    }

    @Override
    public ForeignSession connect(URI uri, boolean compressing) {
        Listener listener = new Listener();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("echo")
                .buildAsync(uri, listener)
                .join();
        return new Session(socket, listener.transcript);
    }

    private record Session(WebSocket socket, Transcript received) implements ForeignSession {
        @Override
        public void sendText(String text) {
            // In two frames where it is long enough.
            int middle = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
            socket.sendText(text.substring(0, middle), false).join();
            socket.sendText(text.substring(middle), true).join();
        }

        @Override
        public void sendBinary(ByteBuffer payload) {
            socket.sendBinary(payload, true).join();
        }

        @Override
        public void close(int code, String reason) {
            socket.sendClose(code, reason).join();
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

    private static final class Listener implements WebSocket.Listener {
        private final Transcript transcript = new Transcript();
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                transcript.text(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                transcript.binary(ByteBuffer.wrap(binary.toByteArray()));
                binary.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            transcript.closed(code, reason);
            return null;
        }
    }
}
