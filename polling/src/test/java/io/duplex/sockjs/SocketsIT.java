package io.duplex.sockjs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseStatus;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On sockets: what of SockJS is WebSocket, and what clients of HTTP/1.0 get. */
@Timeout(60)
class SocketsIT {
    private final WebSocketServer server = WebSocketServer.builder()
            .port(0)
            .service("/echo/**", SockJs.at("/echo", handshake -> new Echo()))
            .start();
    private final WebSocketClient client = WebSocketClient.builder().build();

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            if (text.equals("close")) {
                socket.close(3000, "Go away!");
            } else {
                socket.send(text);
            }
        }
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private BlockingWebSocket connect(String path) {
        return client.connect("ws://127.0.0.1:" + server.port() + path);
    }

    private static @Nullable String next(BlockingWebSocket socket) throws Exception {
        return socket.receive(Duration.ofSeconds(30)) instanceof Message.Text text ? text.data() : null;
    }

    /** What is answered up to {@code last}. */
    private String answerTo(String request, String last) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            StringBuilder answer = new StringBuilder();
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                answer.append((char) next);
                if (answer.toString().endsWith(last)) {
                    break;
                }
            }
            return answer.toString();
        }
    }

    @Test
    @Covers("SJ-RAW-1")
    void belowTheBaseIsAPlainWebSocketToo() throws Exception {
        try (BlockingWebSocket socket = connect("/echo/websocket")) {
            socket.send("[\"x\"]");
            assertThat(next(socket)).isEqualTo("[\"x\"]");
            socket.send("close");
            assertThat(next(socket)).isNull();
            assertThat(socket.closeOutcome().status()).isEqualTo(new CloseStatus(3000, "Go away!"));
        }
    }

    @Test
    @Covers({"SJ-WS-1", "SJ-WS-2"})
    void socketsOfOneIdAreSessionsOfTheirOwn() throws Exception {
        try (BlockingWebSocket one = connect("/echo/000/same/websocket");
                BlockingWebSocket two = connect("/echo/000/same/websocket")) {
            assertThat(next(one)).isEqualTo("o");
            assertThat(next(two)).isEqualTo("o");
            one.send("[\"a\"]");
            two.send("[\"b\"]");
            assertThat(next(one)).isEqualTo("a[\"a\"]");
            assertThat(next(two)).isEqualTo("a[\"b\"]");
        }
    }

    @Test
    @Covers("SJ-WS-4")
    void theServersCloseIsAFrameOfBoth() throws Exception {
        try (BlockingWebSocket socket = connect("/echo/000/closed/websocket")) {
            assertThat(next(socket)).isEqualTo("o");
            assertThat(socket.handshake().responseHeaders()).doesNotContainKey("content-length");
            socket.send("[\"close\"]");
            assertThat(next(socket)).isEqualTo("c[3000,\"Go away!\"]");
            assertThat(next(socket)).isNull();
        }
    }

    @Test
    @Covers({"SJ-HTTP-1", "STREAM-1"})
    void clientsOfHttp10GetAnAnswerThatEndsWithTheConnection() throws Exception {
        String fields = " HTTP/1.0\r\nHost: 127.0.0.1\r\n";

        String welcome = "Welcome to SockJS!\n";
        assertThat(answerTo("GET /echo" + fields + "\r\n", welcome))
                .containsIgnoringCase("\r\nContent-Length: " + welcome.length() + "\r\n")
                .containsIgnoringCase("\r\nConnection: close\r\n")
                .endsWith("\r\n\r\n" + welcome);
        String opened = "h\no\n";
        assertThat(answerTo("POST /echo/000/old/xhr_streaming" + fields + "Content-Length: 0\r\n\r\n", opened))
                .startsWith("HTTP/1.1 200 ")
                .doesNotContainIgnoringCase("Content-Length")
                .doesNotContainIgnoringCase("Transfer-Encoding")
                .endsWith(opened);
    }
}
