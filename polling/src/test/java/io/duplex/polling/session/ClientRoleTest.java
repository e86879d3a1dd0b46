package io.duplex.polling.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.Violation;
import io.duplex.WebSocketHandler;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestHandshake;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a client's session does otherwise than a server's. */
class ClientRoleTest {
    private static final WebSocketHandler IN_PARTS = new WebSocketHandler() {
        @Override
        public Delivery delivery() {
            return Delivery.PARTS;
        }
    };

    private final MemoryHost host = new MemoryHost();

    private Session open(RecordingHandler handler, int maxSentBytes) {
        Session session = new Session(
                host,
                host.loop().shared(),
                SessionOptions.of(host.settings(), Duration.ofSeconds(30), Duration.ofSeconds(35), true),
                TestHandshake.of("/"),
                handler,
                maxSentBytes);
        session.open();
        host.loop().run();
        return session;
    }

    private static Packet packet(Kind kind, String latin1) {
        return new Packet(kind, ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void partsOfMessagesAreJoinedWhateverStandsBetween() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 100);
        session.receive(packet(Kind.TEXT_PART, "H\u00c3"));
        session.receive(packet(Kind.PING, "p"));
        session.receive(packet(Kind.TEXT_PART, ""));
        session.receive(packet(Kind.TEXT, "\u00a4llo"));
        session.receive(packet(Kind.BINARY_PART, "\1"));
        session.receive(packet(Kind.BINARY, ""));
        session.receive(packet(Kind.BINARY_PART, ""));
        session.receive(packet(Kind.BINARY, ""));
        session.receive(packet(Kind.TEXT, "whole"));
        assertThat(handler.lines())
                .containsExactly("open", "ping 70", "text Hällo", "binary 01", "binary ", "text whole");
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void severalPacketsMayComeAtOnce() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 100);
        ByteBuffer packets = ByteBuffer.allocate(100);
        packet(Kind.TEXT_PART, "a").writeTo(packets);
        packet(Kind.TEXT, "b").writeTo(packets);
        packet(Kind.TEXT, "c").writeTo(packets);
        packet(Kind.BINARY_PART, "d").writeTo(packets);
        session.receive(packets.flip());
        assertThat(handler.lines()).containsExactly("open", "text ab", "text c");
    }

    @Test
    void aHandlerOfPartsGetsThemAsTheyCome() {
        RecordingHandler handler = new RecordingHandler(IN_PARTS);
        Session session = open(handler, 100);
        session.receive(packet(Kind.TEXT_PART, "a"));
        session.receive(packet(Kind.TEXT, "b"));
        session.receive(packet(Kind.BINARY_PART, "\1"));
        session.receive(packet(Kind.BINARY, "\2"));
        session.receive(packet(Kind.TEXT, "c"));
        assertThat(handler.lines())
                .containsExactly("open", "text part a", "text end b", "binary part 01", "binary end 02", "text end c");
    }

    @Test
    void partsThatBreakARuleFailTheConnection() {
        expectViolation("INTERLEAVED_MESSAGE", 1002, packet(Kind.TEXT_PART, "a"), packet(Kind.BINARY, "b"));
        expectViolation("INTERLEAVED_MESSAGE", 1002, packet(Kind.BINARY_PART, "a"), packet(Kind.TEXT_PART, "b"));
        expectViolation("INVALID_UTF8", 1007, packet(Kind.TEXT_PART, "\u00ff"));
        expectViolation("INVALID_UTF8", 1007, packet(Kind.TEXT_PART, "a"), packet(Kind.TEXT, "\u00c3"));
        host.limits(Limits.builder().maxMessageBytes(8).maxFrameBytes(100).build());
        expectViolation("MESSAGE_TOO_BIG", 1009, packet(Kind.BINARY_PART, "12345"), packet(Kind.BINARY_PART, "6789"));
    }

    private void expectViolation(String violation, int code, Packet... packets) {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 100);
        for (Packet packet : packets) {
            session.receive(packet);
        }
        host.loop().run();
        assertThat(handler.lines()).contains("error " + violation);
        assertThat(session.packets().get(session.packets().last()).status().code())
                .isEqualTo(code);
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void halfAMessageIsGivenUpWhenMemoryIsShort() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 100);
        session.receive(packet(Kind.TEXT_PART, "H"));
        for (int second = 0; second < 20; second++) {
            host.loop().shared().onShortage(1);
        }
        host.loop().run();
        assertThat(handler.lines()).contains("error NO_MEMORY");
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void whatHasNoReadableFormFailsTheConnection() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 100);
        session.fail(Violation.MESSAGE_TOO_BIG);
        host.loop().run();
        session.fail(Violation.MESSAGE_TOO_BIG);
        assertThat(handler.lines()).startsWith("open", "error MESSAGE_TOO_BIG").hasSize(3);
        assertThat(handler.outcome().closedBy()).isEqualTo(ClosedBy.LIMIT);
    }

    @Test
    void whatTheApplicationSendsInPartsGoesWhole() {
        Session session = open(new RecordingHandler(), 5);
        session.connection().sendTextPart(StandardCharsets.UTF_8.encode("He"), false);
        session.connection().sendTextPart(StandardCharsets.UTF_8.encode("llo"), true);
        host.loop().run();
        assertThat(session.packets().last()).isEqualTo(1);
        assertThat(session.packets().get(1).string()).isEqualTo("Hello");
    }

    @Test
    void aMessageThatTheServerDoesNotTakeClosesTheConnection() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, 5);
        CompletableFuture<Void> sent = session.connection().sendAsync("Hello!");
        CompletableFuture<Void> behind = session.connection().sendAsync("Hi");
        host.loop().run();
        assertThat(session.packets().last()).isEqualTo(1);
        assertThat(session.packets().get(1).status().code()).isEqualTo(1009);
        session.acknowledge(1);
        session.receive(Packet.close(CloseStatus.of(1009)));
        host.loop().run();
        assertThat(sent).isCompletedExceptionally();
        assertThat(behind).isCompletedExceptionally();
    }
}
