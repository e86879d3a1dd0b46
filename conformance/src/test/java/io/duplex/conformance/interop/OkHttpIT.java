package io.duplex.conformance.interop;

import java.net.URI;
import java.nio.ByteBuffer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** OkHttp, the client of Android. It always offers compression. */
final class OkHttpIT implements ForeignClientContract {
    @Override
    public ForeignSession connect(URI uri, boolean compressing) {
        OkHttpClient client = new OkHttpClient();
        Listener listener = new Listener();
        Request request = new Request.Builder()
                .url(uri.toString())
                .header("Sec-WebSocket-Protocol", "echo")
                .build();
        return new Session(client, client.newWebSocket(request, listener), listener.transcript);
    }

    private record Session(OkHttpClient client, WebSocket socket, Transcript received) implements ForeignSession {
        @Override
        public void sendText(String text) {
            socket.send(text);
        }

        @Override
        public void sendBinary(ByteBuffer payload) {
            socket.send(ByteString.of(payload));
        }

        @Override
        public void close(int code, String reason) {
            socket.close(code, reason);
        }

        @Override
        public void close() {
            socket.cancel();
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    private static final class Listener extends WebSocketListener {
        private final Transcript transcript = new Transcript();

        @Override
        public void onMessage(WebSocket socket, String text) {
            transcript.text(text);
        }

        @Override
        public void onMessage(WebSocket socket, ByteString bytes) {
            transcript.binary(bytes.asByteBuffer());
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            transcript.closed(code, reason);
            socket.close(code, reason);
        }

        @Override
        public void onFailure(WebSocket socket, Throwable failure, Response response) {
            transcript.closed(1006, String.valueOf(failure.getMessage()));
        }
    }
}
