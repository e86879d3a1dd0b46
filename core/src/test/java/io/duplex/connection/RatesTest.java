package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.RateLimits.Excess;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that send faster than {@link RateLimits} allow. */
class RatesTest {
    private final List<String> texts = new ArrayList<>();
    private TestConnection connection = TestConnection.open(new WebSocketHandler() {});

    @AfterEach
    void theConnectionHasEndedOnceAndForAll() {
        if (connection.socket().readyState() != ReadyState.CLOSED) {
            connection.peer().reset();
        }
        Endings.assertGone(connection);
    }

    private void open(RateLimits.Builder rates) {
        open(rates, WebSocketHandler.Delivery.WHOLE);
    }

    private void open(RateLimits.Builder rates, WebSocketHandler.Delivery delivery) {
        connection.peer().reset();
        Endings.assertGone(connection);
        WebSocketHandler handler = new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                return delivery;
            }

            @Override
            public void onText(WebSocket socket, String text) {
                texts.add(text);
            }

            @Override
            public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
                texts.add(last ? "end" : "part");
            }
        };
        connection = TestConnection.builder(handler)
                .limits(Limits.builder().rates(rates.build()).build())
                .timeouts(Timeouts.builder().pong(Duration.ofSeconds(1)).build())
                .open();
    }

    private static String[] numbered(int count) {
        String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            texts[i] = "m" + i;
        }
        return texts;
    }

    @Test
    void aBurstComesAtOnceAndTheRestAtTheRate() {
        open(RateLimits.builder().messages(10));
        connection.peer().sendTogether(numbered(30));
        assertThat(texts).hasSize(11); // the one that is too much is done with, and waited for
        connection.pass(Duration.ofSeconds(1));
        assertThat(texts).hasSizeBetween(20, 22);
        connection.pass(Duration.ofSeconds(1));
        assertThat(texts).containsExactly(numbered(30));
    }

    @Test
    void aSilenceEarnsNoMoreThanABurst() {
        open(RateLimits.builder().messages(10).burst(Duration.ofMillis(500)));
        connection.pass(Duration.ofSeconds(20));
        connection.peer().sendTogether(numbered(30));
        assertThat(texts).hasSize(6);
    }

    @Test
    void whoStaysWithinTheRateNoticesNothing() {
        open(RateLimits.builder().messages(10).excess(Excess.CLOSE));
        for (int i = 0; i < 100; i++) {
            connection.peer().send("m");
            connection.pass(Duration.ofMillis(100));
        }
        assertThat(texts).hasSize(100);
    }

    @Test
    void aPeerThatIsHeldIsNotTakenForDead() {
        open(RateLimits.builder().bytes(100));
        connection.peer().send("x".repeat(8_000));
        connection.pass(Duration.ofSeconds(70));
        assertThat(texts).isEmpty();
        connection.pass(Duration.ofSeconds(10));
        assertThat(texts).hasSize(1);
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
    }

    @Test
    void whoMayNotWaitIsClosedWith1008AndTheExcessIsDropped() {
        open(RateLimits.builder().messages(10).excess(Excess.CLOSE));
        connection.peer().sendTogether(numbered(30));
        assertThat(texts).hasSize(10);
        assertThat(connection.peer().take()).containsExactly("close 1008 more than 10 messages a second");
        connection.peer().close(1008, "");
        connection.peer().end();
        CloseOutcome outcome = Endings.outcome(connection);
        assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
        assertThat(outcome.detail()).isEqualTo("RateLimits.messages: more than 10 messages a second");
    }

    @Test
    void whoIsClosedForItIsReadFromWhileMessagesWaitForItToRead() {
        connection.peer().reset();
        Endings.assertGone(connection);
        RateLimits rates =
                RateLimits.builder().messages(10).excess(Excess.CLOSE).build();
        connection = TestConnection.builder(new WebSocketHandler() {})
                .role(Role.CLIENT)
                .limits(Limits.builder()
                        .rates(rates)
                        .sendPolicy(SendPolicy.dropOldest())
                        .build())
                .open();
        connection.peer().stopReading();
        while (connection.socket().send("x".repeat(10_000)) == SendStatus.SENT) {
            connection.run();
        }
        connection.socket().send("waits");
        connection.peer().sendTogether(numbered(30));
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
        connection.peer().close(1001, "");
        connection.run();
        connection.peer().resumeReading();
        connection.run();
        assertThat(connection.peer().received()).last().isEqualTo("close 1001");
        connection.peer().end();
        connection.run();
        assertThat(Endings.outcome(connection).closedBy()).isEqualTo(ClosedBy.LIMIT);
    }

    @Test
    void bytesAreCountedAsTheyCome() {
        open(RateLimits.builder().bytes(1000).excess(Excess.CLOSE));
        connection.peer().send("x".repeat(900));
        assertThat(texts).hasSize(1);
        connection.peer().send("x".repeat(200));
        assertThat(texts).hasSize(1);
        assertThat(connection.peer().take()).containsExactly("close 1008 more than 1000 bytes a second");
    }

    @Test
    void pingsAndPongsHaveARateOfTheirOwn() {
        open(RateLimits.builder().messages(1000).controlFrames(2).excess(Excess.CLOSE));
        connection.peer().ping(ByteBuffer.allocate(0));
        connection.peer().pong(ByteBuffer.allocate(0));
        connection.peer().send("m");
        assertThat(connection.peer().take()).containsExactly("pong");
        connection.peer().ping(ByteBuffer.allocate(0));
        assertThat(connection.peer().take()).contains("close 1008 more than 2 control frames a second");
    }

    @Test
    void aMessageInPartsIsOneMessage() {
        open(RateLimits.builder().messages(2).excess(Excess.CLOSE), WebSocketHandler.Delivery.PARTS);
        connection.peer().sendBytes(Hex.parse("01 81 00000000 61  00 81 00000000 61  80 80 00000000"));
        connection.peer().sendBytes(Hex.parse("01 81 00000000 61  80 80 00000000"));
        assertThat(connection.peer().received()).isEmpty();
        connection.peer().sendBytes(Hex.parse("01 81 00000000 61  80 80 00000000"));
        assertThat(connection.peer().take()).containsExactly("close 1008 more than 2 messages a second");
    }

    @Test
    void closingEndsAHold() {
        open(RateLimits.builder().messages(1));
        connection.peer().sendTogether(numbered(30));
        connection.socket().close();
        connection.peer().close();
        connection.peer().end();
        assertThat(Endings.outcome(connection).clean()).isTrue();
    }
}
