package io.duplex.conformance.hostile;

import static io.duplex.conformance.hostile.Attacker.bomb;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of others had to mend, done to ours by a server. Tags as in {@link AdvisoriesIT}. */
class ClientAdvisoriesIT {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private final CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
    private final WebSocketHandler handler = new WebSocketHandler() {
        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            ended.complete(outcome);
        }
    };
    private WebSocketClient client;
    private ServerSocket listening;

    @BeforeEach
    void start() throws IOException {
        client = WebSocketClient.create();
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listening.setSoTimeout(60_000);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        listening.close();
    }

    private String uri() {
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/";
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) socket.getInputStream().read());
        }
        return head.toString();
    }

    private static String key(String request) {
        String name = "Sec-WebSocket-Key: ";
        int at = request.indexOf(name) + name.length();
        return request.substring(at, request.indexOf("\r\n", at));
    }

    private static byte[] acceptance(String request, String field) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-1").digest((key(request) + GUID).getBytes(ISO_8859_1));
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + Base64.getEncoder().encodeToString(digest) + "\r\n" + field + "\r\n\r\n")
                .getBytes(ISO_8859_1);
    }

    /** Has a server accept, with {@code field}, and send {@code bytes}; returns what the handler is told of the end. */
    private CloseOutcome outcomeAfter(String field, byte[] bytes) throws Exception {
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handler);
        try (Socket server = listening.accept()) {
            server.getOutputStream().write(acceptance(head(server), field));
            server.getOutputStream().write(bytes);
            connecting.get(60, TimeUnit.SECONDS);
            server.shutdownOutput();
            server.getInputStream().readAllBytes();
            return ended.get(60, TimeUnit.SECONDS);
        }
    }

    private static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        frame.write(127);
        frame.writeBytes(new byte[4]);
        frame.write(payload.length >>> 24);
        frame.write(payload.length >>> 16);
        frame.write(payload.length >>> 8);
        frame.write(payload.length);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    @Test
    @Tag("CVE-2026-1526")
    void aBombOfAServerIsTooBigWhileItInflates() throws Exception {
        CloseOutcome outcome = outcomeAfter(DEFLATE, frame(0xC2, bomb(80 << 20)));
        assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"827fffffffffffffffff", "827f8000000000000000", "827f7fffffffffffffff", "827f0000000100000000"})
    @Tag("CVE-2026-1528")
    void aLengthOfAServerThatIsNoneEndsTheConnection(String hex) throws Exception {
        CloseOutcome outcome = outcomeAfter("A: b", java.util.HexFormat.of().parseHex(hex));
        assertThat(outcome.closedBy()).isIn(ClosedBy.PROTOCOL, ClosedBy.LIMIT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server_max_window_bits=99",
                "server_max_window_bits=7",
                "server_max_window_bits=16",
                "server_max_window_bits=0",
                "server_max_window_bits=-9",
                "server_max_window_bits=99999999999999999999",
                "server_max_window_bits",
                "client_max_window_bits=1",
                "server_no_context_takeover=1",
                "unknown"
            })
    @Tag("CVE-2026-2229")
    void aParameterThatIsNoneFailsTheHandshake(String parameter) throws Exception {
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handler);
        try (Socket server = listening.accept()) {
            server.getOutputStream().write(acceptance(head(server), DEFLATE + "; " + parameter));
            Throwable failure = catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS));
            assertThat(failure).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(HandshakeException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: b", "a\nb", "a\u0000", "\r\n\r\n"})
    @Tag("CVE-2026-1527")
    void whatWouldBeAnotherFieldCannotBeSent(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.request(uri()).header("X-Mine", value));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.request(uri()).header("X-Mine" + value, "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.request(uri()).subprotocols(value).connectAsync(handler));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> client.request(uri() + value));
    }

    @Test
    @Tag("CVE-2026-41838")
    void keysAreNeverTheSameAndTellNothingOfTheNext() throws Exception {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handler);
            try (Socket server = listening.accept()) {
                String key = key(head(server));
                assertThat(Base64.getDecoder().decode(key)).hasSize(16);
                keys.add(key);
            }
            assertThat(catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS)))
                    .isNotNull();
        }
        assertThat(keys).hasSize(50);
    }
}
