package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.transport.RawPeer;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a connection, begun by this side, by the server or by neither (WHATWG WebSockets Standard §3, §4). */
class BrowserClosingIT {
    private final ManualLoop loop = new ManualLoop();

    @RegisterExtension
    private final Peers peers = new Peers();

    static Stream<JsonNode> vectors() throws Exception {
        try (InputStream json = BrowserClosingIT.class.getResourceAsStream("/vectors/close_codes.json")) {
            JsonNode calls = new ObjectMapper().readTree(json).required("api_close");
            return StreamSupport.stream(calls.spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    @Covers({"WAPI-CLOSE-1", "WAPI-CLOSE-2", "WAPI-CLOSE-3", "WAPI-CLOSE-7", "WAPI-CLOSE-8"})
    void checksItsArguments(JsonNode call) throws Exception {
        BrowserWebSocket socket = peers.connect();
        EventLog log = EventLog.of(socket);
        int code = call.required("code").asInt();
        JsonNode length = call.required("reason_utf8_len");
        String reason = "r".repeat(length.asInt());
        String expected = call.required("expect").asText();
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            DomException failure = catchThrowableOfType(DomException.class, () -> {
                if (call.required("code").isNull()) {
                    socket.close();
                } else if (length.isNull()) {
                    socket.close(code);
                } else {
                    socket.close(code, reason);
                }
            });
            if (failure != null) {
                assertThat(expected).startsWith(failure.name());
                assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.OPEN);
            } else {
                assertThat(expected).startsWith("ok");
                String body = call.required("code").isNull() ? "" : String.format("%04x", code);
                assertThat(peer.readMaskedHex())
                        .isEqualTo(String.format("88%02x", body.length() / 2 + reason.length())
                                + body
                                + Hex.format(ByteBuffer.wrap(reason.getBytes(StandardCharsets.US_ASCII))));
            }
        }
    }

    @Test
    @Covers({"WAPI-CLOSE-2", "WAPI-CLOSE-3"})
    void countsTheReasonInBytesAndTheCodeInFull() throws Exception {
        BrowserWebSocket socket = peers.connect();
        assertThat(catchThrowableOfType(DomException.class, () -> socket.close(1000, "é".repeat(62)))
                        .name())
                .isEqualTo("SyntaxError");
        assertThat(catchThrowableOfType(DomException.class, () -> socket.close(66536))
                        .code())
                .isEqualTo(15);
        assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CONNECTING);
    }

    @Test
    @Covers({"WAPI-CLOSE-4", "WAPI-CLOSE-6", "WAPI-CLOSE-8", "WAPI-EV-7", "WAPI-EV-8"})
    void isAHandshakeThatIsBegunOnce() throws Exception {
        BrowserWebSocket socket = peers.connect();
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            socket.close(3000, "bye \uD800");
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSING);
            socket.close(4000);
            socket.close();
            assertThat(catchThrowableOfType(DomException.class, () -> socket.close(1)))
                    .isNotNull();
            assertThat(peer.readMaskedHex()).isEqualTo("88090bb862796520efbfbd");
            assertThat(peer.isSilentFor(50)).isTrue();
            peer.sendHex("88070fa1efbbbf6f6b");
            peer.shutdownOutput();
            peer.awaitEof();
            assertThat(log.all()).containsExactly("close 4001 clean '\uFEFFok'");
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSED);
            socket.close();
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSED);
        }
    }

    @Test
    @Covers("WAPI-CLOSE-5")
    void whileConnectingIsAFailure() throws Exception {
        BrowserWebSocket socket = peers.connectOn(loop);
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.accept()) {
            peer.head();
            socket.close();
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSING);
            loop.turn();
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSED);
            assertThat(log.all()).containsExactly("error", "close 1006 not clean ''");
            peer.awaitEof();
        }
    }

    @Test
    @Covers({"WAPI-CLOSE-5", "WAPI-CLOSE-6"})
    void beforeTheOpenEventIsAFailureToTheScriptAndAHandshakeToTheServer() throws Exception {
        BrowserWebSocket socket = peers.connectOn(loop);
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            loop.await();
            socket.close(3000, "bye");
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSING);
            assertThat(peer.readMaskedHex()).isEqualTo("88050bb8627965");
            peer.sendHex("88020bb8");
            peer.shutdownOutput();
            peer.awaitEof();
            while (socket.readyState() != BrowserWebSocket.CLOSED) {
                loop.turn();
            }
            assertThat(log.all()).containsExactly("error", "close 1006 not clean ''");
            assertThat(loop.isIdle()).isTrue();
        }
    }

    @Test
    @Covers({"WAPI-CLOSE-10", "WAPI-CLOSE-4"})
    void afterTheServerHasBegunSendsNothingMore() throws Exception {
        BrowserWebSocket socket = peers.connectOn(loop);
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            loop.turn();
            assertThat(log.next()).isEqualTo("open");
            peer.sendHex("880203e9");
            assertThat(peer.readMaskedHex()).isEqualTo("880203e9");
            socket.close(3000);
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CLOSING);
            peer.shutdownOutput();
            peer.awaitEof();
            loop.turn();
            assertThat(log.all()).containsExactly("close 1001 clean ''");
        }
    }

    @Test
    @Covers("WAPI-EV-6")
    void byTheServerShowsBeforeTcpHasEnded() throws Exception {
        BrowserWebSocket socket = peers.connect();
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            peer.sendHex("8800");
            assertThat(peer.readMaskedHex()).isEqualTo("8800");
            EventLog.awaitState(socket, BrowserWebSocket.CLOSING);
            assertThat(log.isEmpty()).isTrue();
            peer.shutdownOutput();
            assertThat(log.all()).containsExactly("close 1005 clean ''");
        }
    }

    @Test
    @Covers("WAPI-EV-6")
    void byTheServerDoesNotShowBeforeTheMessagesThatCameFirst() throws Exception {
        BrowserWebSocket socket = peers.connectOn(loop);
        EventLog log = new EventLog();
        socket.onmessage(event -> log.add("message in state " + socket.readyState()));
        try (RawPeer peer = peers.open()) {
            loop.turn();
            peer.sendHex("810161 8800");
            assertThat(peer.readMaskedHex()).isEqualTo("8800");
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.OPEN);
            loop.turn();
            assertThat(log.next()).isEqualTo("message in state 1");
            EventLog.awaitState(socket, BrowserWebSocket.CLOSING);
        }
    }

    @Test
    @Covers({"WAPI-EV-7", "WAPI-EV-8"})
    void withoutAnAnswerIsAFailure() throws Exception {
        peers.doNotWait();
        BrowserWebSocket socket = peers.connect();
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            socket.close(1000);
            assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
            assertThat(log.all()).containsExactly("error", "close 1006 not clean ''");
        }
    }
}
