package io.duplex.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What our server can do with every client. Each test runs without and with compression. */
interface ForeignClientContract {
    /** Connects, offering the subprotocol {@code echo}, and permessage-deflate if asked to. */
    ForeignSession connect(URI uri, boolean compressing) throws Exception;

    /** Whether the client can compress at all. */
    default boolean canCompress() {
        return true;
    }

    /** Whether the client answers each Close frame, as RFC 6455 §5.5.1 demands. */
    default boolean answersEveryClose() {
        return true;
    }

    /** Both ends of a connection. */
    interface Conversation {
        void hold(ForeignSession client, DuplexPeer server) throws Exception;
    }

    private void converse(boolean compressing, Conversation conversation) throws Exception {
        assumeTrue(canCompress() || !compressing, "this client cannot compress");
        CompletableFuture<DuplexPeer> connected = new CompletableFuture<>();
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .subprotocols("echo")
                        .compression(compressing ? PermessageDeflate.DEFAULT : PermessageDeflate.DISABLED)
                        .limits(Limits.builder().maxMessageBytes(2 << 20).build())
                        .route("/", handshake -> {
                            DuplexPeer peer = DuplexPeer.echo(handshake);
                            connected.complete(peer);
                            return peer;
                        })
                        .start();
                ForeignSession session = connect(URI.create("ws://127.0.0.1:" + server.port() + "/"), compressing)) {
            conversation.hold(session, connected.get(60, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-4.2.2-5.1", "WS-4.2.2-5.4", "WS-4.2.2-5.5", "PMD-5-6"})
    default void agreesOnSubprotocolAndCompression(boolean compressing) throws Exception {
        converse(compressing, (client, server) -> {
            assertThat(server.socket().subprotocol()).isEqualTo("echo");
            assertThat(server.socket().isCompressed()).isEqualTo(compressing);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-5.1-3", "WS-5.2-8", "WS-6.1-3", "WS-6.2-5", "PMD-6.1-2", "PMD-7.2.1-1", "PMD-7.2.2-1"})
    default void exchangesMessagesOfAllSizes(boolean compressing) throws Exception {
        converse(compressing, (client, server) -> {
            for (int size : Payloads.SIZES) {
                String text = Payloads.text(size);
                client.sendText(text);
                assertThat(client.received().nextMessage()).isEqualTo(text);
                client.sendBinary(Payloads.binary(size));
                assertThat(client.received().nextMessage()).isEqualTo(Payloads.binary(size));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-5.5.2-1", "WS-5.5.2-2"})
    default void getsAPongForItsPing(boolean compressing) throws Exception {
        converse(compressing, (client, server) -> {
            server.socket().ping(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(server.received().nextPong()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-7.1.2-1", "WS-7.3-1", "WS-7.4.2-2"})
    default void tellsTheClientWhyItCloses(boolean compressing) throws Exception {
        int attempts = answersEveryClose() ? 1 : 20;
        AtomicBoolean answered = new AtomicBoolean();
        while (!answered.get()) {
            assertThat(attempts--).as("attempts until the client answers").isPositive();
            converse(compressing, (client, server) -> {
                server.socket().close(4001, "bye");
                assertThat(client.received().awaitClose()).isEqualTo(new CloseStatus(4001, "bye"));
                CloseOutcome outcome = server.awaitEnd();
                assertThat(outcome.closedBy()).as("%s", outcome).isEqualTo(ClosedBy.SELF);
                answered.set(outcome.clean());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers({"WS-7.1.5-1", "WS-7.1.6-1", "WS-7.1.4-2", "WS-7.1.1-3"})
    default void hearsWhyTheClientCloses(boolean compressing) throws Exception {
        converse(compressing, (client, server) -> {
            client.close(4002, "done");
            CloseOutcome outcome = server.awaitEnd();
            assertThat(outcome.status()).as("%s", outcome).isEqualTo(new CloseStatus(4002, "done"));
            assertThat(outcome.clean()).isTrue();
        });
    }
}
