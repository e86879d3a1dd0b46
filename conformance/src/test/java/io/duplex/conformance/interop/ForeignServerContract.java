package io.duplex.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What our client can do with every server. Each test runs without and with compression. */
interface ForeignServerContract {
    /** Starts the server on a free port of the loopback address. */
    ForeignServer start(boolean compressing) throws Exception;

    /** Whether a Ping may come between the frames of a compressed message, as RFC 6455 §5.4 allows. */
    default boolean takesPingsInsideCompressedMessages() {
        return true;
    }

    /** A conversation with the server. */
    interface Conversation {
        void hold(WebSocket socket, DuplexPeer peer) throws Exception;
    }

    private void converse(boolean compressing, Conversation conversation) throws Exception {
        try (ForeignServer server = start(compressing);
                WebSocketClient client = WebSocketClient.builder()
                        .compression(compressing ? PermessageDeflate.DEFAULT : PermessageDeflate.DISABLED)
                        .limits(Limits.builder().maxMessageBytes(2 << 20).build())
                        .subprotocols("other", "echo")
                        .build()) {
            DuplexPeer peer = DuplexPeer.client();
            conversation.hold(client.connect("ws://127.0.0.1:" + server.port() + "/", peer), peer);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-4.1-C3a", "WS-4.1-Q10", "WS-4.1-R9", "PMD-5-1", "PMD-5-15"})
    default void agreesOnSubprotocolAndCompression(boolean compressing) throws Exception {
        converse(compressing, (socket, peer) -> {
            assertThat(socket.subprotocol()).isEqualTo("echo");
            assertThat(socket.isCompressed()).isEqualTo(compressing);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-5.1-1", "WS-5.2-8", "WS-6.1-3", "WS-6.2-3", "PMD-6.1-2", "PMD-7.2.1-1", "PMD-7.2.2-1"})
    default void exchangesMessagesOfAllSizes(boolean compressing) throws Exception {
        converse(compressing, (socket, peer) -> {
            for (int size : Payloads.SIZES) {
                String text = Payloads.text(size);
                socket.send(text);
                assertThat(peer.received().nextMessage()).isEqualTo(text);
                socket.send(Payloads.binary(size));
                assertThat(peer.received().nextMessage()).isEqualTo(Payloads.binary(size));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-5.4-2", "WS-5.4-3", "PMD-6.1-5"})
    default void sendsMessagesInPartsWithAPingBetween(boolean compressing) throws Exception {
        converse(compressing, (socket, peer) -> {
            String text = Payloads.text(5000);
            ByteBuffer utf8 = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            // Pieces of 999 bytes end inside characters.
            while (utf8.remaining() > 999) {
                socket.sendTextPart(utf8.slice(utf8.position(), 999), false);
                utf8.position(utf8.position() + 999);
                if (!compressing || takesPingsInsideCompressedMessages()) {
                    socket.ping(ByteBuffer.wrap(new byte[] {7}));
                }
            }
            socket.sendTextPart(utf8, true);
            socket.ping(ByteBuffer.wrap(new byte[] {7}));
            assertThat(peer.received().nextMessage()).isEqualTo(text);
            assertThat(peer.received().nextPong()).isEqualTo(ByteBuffer.wrap(new byte[] {7}));
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-7.1.5-1", "WS-7.1.6-1", "WS-7.1.4-2", "WS-7.4.2-2"})
    default void hearsWhyTheServerCloses(boolean compressing) throws Exception {
        converse(compressing, (socket, peer) -> {
            socket.send("close");
            CloseOutcome outcome = peer.awaitEnd();
            assertThat(outcome.status()).isEqualTo(new CloseStatus(4001, "bye"));
            assertThat(outcome.clean()).isTrue();
            assertThat(outcome.closedBy()).isEqualTo(CloseOutcome.ClosedBy.PEER);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-7.1.2-1", "WS-7.1.2-2", "WS-7.1.1-4"})
    default void closesWithCodeAndReason(boolean compressing) throws Exception {
        converse(compressing, (socket, peer) -> {
            socket.close(4002, "done");
            CloseOutcome outcome = peer.awaitEnd();
            assertThat(outcome.status().code()).isEqualTo(4002);
            assertThat(outcome.sent()).isEqualTo(new CloseStatus(4002, "done"));
            assertThat(outcome.clean()).isTrue();
        });
    }
}
