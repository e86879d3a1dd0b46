package io.duplex.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Limits;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that do not read, do not answer or do not go, whoever serves them. */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"ALWAYS", "NEVER", "PORTABLE"})
@Timeout(240)
class HostilePeersIT {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final int MESSAGE_BYTES = 64 << 10;
    private static final int MESSAGES = 1600;
    private static final long BOUND_BYTES = 64 << 20;

    @Parameter
    HandOff handOff;

    private final Member member = new Member();
    private ServletHost host;
    private TestTomcat tomcat;

    private int start(Limits.Builder limits, Timeouts.Builder timeouts) throws Exception {
        host = ServletHost.builder()
                .handOff(handOff)
                .limits(limits.build())
                .timeouts(timeouts.close(SHORT).build())
                .build();
        tomcat = new TestTomcat(false).route("/echo", host, handshake -> member).start();
        return tomcat.port();
    }

    private int start() throws Exception {
        return start(Limits.builder(), Timeouts.builder());
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
        tomcat.close();
        assertThat(host.connections()).isZero();
    }

    // Peers that do not read

    /** Sends what it is given again and again, from a thread of its own. */
    private static final class Flood {
        private final Semaphore sent = new Semaphore(0);
        private final CompletableFuture<Void> writing;

        Flood(RawClient raw, byte[] what) {
            writing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            for (int i = 0; i < MESSAGES; i++) {
                                raw.send(what);
                                sent.release();
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task, "flood").start());
        }

        /** How often TCP took it, when it has not for a second. */
        int taken() throws InterruptedException {
            int taken = 0;
            while (sent.tryAcquire(1, TimeUnit.SECONDS)) {
                taken++;
            }
            return taken;
        }

        void end() {
            assertThat(writing).succeedsWithin(Duration.ofSeconds(60));
        }
    }

    @Test
    @Covers("WS-POL-7")
    void whoDoesNotReadIsNotReadFrom() throws Exception {
        int port = start(Limits.builder(), Timeouts.builder().pingInterval(Duration.ZERO));
        try (RawClient raw = RawClient.slow(port).shakeHands("/echo")) {
            ByteBuffer message = ByteBuffer.allocate(14 + MESSAGE_BYTES).put(Hex.parse("82 ff"));
            Flood flood = new Flood(raw, message.putLong(MESSAGE_BYTES).array());
            int taken = flood.taken();
            assertThat(taken).as("messages taken").isLessThan(MESSAGES);
            assertThat((long) taken * MESSAGE_BYTES).isLessThan(BOUND_BYTES);

            // As soon as it reads, all goes on, and nothing is lost.
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(raw.readHex(10)).isEqualTo("827f0000000000010000");
                assertThat(raw.read(MESSAGE_BYTES)).hasSize(MESSAGE_BYTES);
            }
            flood.end();
        }
    }

    @Test
    @Covers("WS-POL-7")
    void whoPingsWithoutReadingIsNotReadFrom() throws Exception {
        int port = start(Limits.builder(), Timeouts.builder().pingInterval(Duration.ZERO));
        try (RawClient raw = RawClient.slow(port).shakeHands("/echo")) {
            byte[] pings =
                    Hex.parse(("89 fd 00000000" + "00".repeat(125)).repeat(500)).array();
            Flood flood = new Flood(raw, pings);
            assertThat((long) flood.taken() * pings.length).isLessThan(BOUND_BYTES);
            raw.reset();
        }
        assertThat(member.outcome().clean()).isFalse();
    }

    @Test
    void aQueueThatIsFullClosesTheConnectionOfWhoDoesNotRead() throws Exception {
        int port = start(Limits.builder().maxQueueBytes(1 << 20), Timeouts.builder());
        try (RawClient raw = RawClient.slow(port).shakeHands("/echo")) {
            WebSocket socket = member.socket();
            long accepted = 0;
            while (socket.send(ByteBuffer.allocate(MESSAGE_BYTES)) != SendStatus.REFUSED) {
                accepted += MESSAGE_BYTES;
            }
            assertThat(accepted).isLessThan(BOUND_BYTES);
            CloseOutcome outcome = member.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
            assertThat(outcome.sent().code()).isEqualTo(1013);
            raw.reset();
        }
    }

    // Peers that do not answer

    @Test
    @Covers({"WS-POL-6", "WS-5.5.2-2"})
    void whoAnswersPingsStays() throws Exception {
        // Time enough to answer on a slow machine, though the next Ping does not come before that is over.
        int port =
                start(Limits.builder(), Timeouts.builder().pingInterval(SHORT).pong(Duration.ofSeconds(3)));
        try (RawClient raw = RawClient.open(port, "/echo")) {
            for (int i = 0; i < 3; i++) {
                assertThat(raw.readHex(2)).isEqualTo("8900");
                raw.sendHex("8a 80 00000000");
            }
        }
    }

    @Test
    @Covers("WS-POL-6")
    void whoAnswersNoPingIsGivenUp() throws Exception {
        int port =
                start(Limits.builder(), Timeouts.builder().pingInterval(SHORT).pong(SHORT));
        try (RawClient raw = RawClient.open(port, "/echo")) {
            assertThat(raw.readHex(2)).isEqualTo("8900");
            assertThat(member.outcome().closedBy()).isEqualTo(ClosedBy.TIMEOUT);
            awaitCut(raw);
        }
    }

    @Test
    @Covers("WS-POL-6")
    void whoIsIdleIsSentAwayWith1001() throws Exception {
        int port = start(
                Limits.builder(), Timeouts.builder().pingInterval(Duration.ZERO).idle(SHORT));
        try (RawClient raw = RawClient.open(port, "/echo")) {
            assertThat(raw.readClose()).isEqualTo(1001);
            assertThat(member.outcome().detail()).startsWith("idle timeout of 0.2 s");
        }
    }

    @Test
    @Covers("WS-5.5.1-11")
    void whoDoesNotAnswerACloseFrameIsCut() throws Exception {
        try (RawClient raw = RawClient.open(start(), "/echo")) {
            member.socket().close(4001, "");
            assertThat(raw.readClose()).isEqualTo(4001);
            CloseOutcome outcome = member.outcome();
            assertThat(outcome.clean()).isFalse();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.SELF);
            awaitCut(raw);
        }
    }

    /** By the streams of a servlet a socket is closed in an event of its own only. */
    private void awaitCut(RawClient raw) {
        if (handOff != HandOff.PORTABLE) {
            raw.awaitEnd();
        }
    }

    // Peers that do not go

    @Test
    @Covers({"WS-5.5.1-6", "WS-7.1.1-1"})
    void whoDoesNotEndTcpAfterItsCloseFrameIsCut() throws Exception {
        try (RawClient raw = RawClient.open(start(), "/echo")) {
            raw.sendHex("88 85 00000000 0fa1 627965");
            assertThat(raw.readClose()).isEqualTo(4001);
            raw.awaitEof();
            // Its side stays open.
            assertThat(member.outcome().clean()).isTrue();
        }
    }

    @Test
    @Covers("WS-7.1.4-2")
    void whoEndsTcpWithoutACloseFrameIsNotClean() throws Exception {
        try (RawClient raw = RawClient.open(start(), "/echo")) {
            raw.sendHex(RawClient.HELLO);
            raw.shutdownOutput();
            if (handOff != HandOff.PORTABLE) {
                // Streams may not be writable yet, and the end drops what is pending.
                assertThat(raw.readHex(7)).isEqualTo("810548656c6c6f");
            }
            CloseOutcome outcome = member.outcome();
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.NETWORK);
            raw.awaitEnd();
        }
    }

    @Test
    void whoResetsInTheMiddleOfAMessageIsNotClean() throws Exception {
        RawClient raw = RawClient.open(start(), "/echo");
        raw.sendHex("82 fe 1000 00000000 0102");
        member.socket();
        raw.reset();
        assertThat(member.outcome().status().code()).isEqualTo(1006);
    }

    @Test
    void whoGoesOnSendingAfterItsCloseFrameIsNotHeard() throws Exception {
        try (RawClient raw = RawClient.open(start(), "/echo")) {
            raw.sendHex("88 82 00000000 03e8" + RawClient.HELLO.repeat(1000));
            assertThat(raw.readClose()).isEqualTo(1000);
            raw.awaitEnd();
        }
        assertThat(member.outcome().clean()).isTrue();
        assertThat(member.messages()).isZero();
    }

    @Test
    void abortCutsAtOnce() throws Exception {
        try (RawClient raw = RawClient.open(start(), "/echo")) {
            member.socket().abort();
            assertThat(member.outcome().closedBy()).isEqualTo(ClosedBy.SELF);
            awaitCut(raw);
        }
    }
}
