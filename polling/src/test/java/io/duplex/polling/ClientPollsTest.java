package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.FakeHttp.Exchange;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that is polled. */
class ClientPollsTest {
    private static final String[] NOTHING = {};
    private static final Duration SOON = Duration.ofMillis(300);

    private final MemoryClient client = new MemoryClient();

    private long polls() {
        return client.http().lines().stream()
                .filter(line -> line.startsWith("GET"))
                .count();
    }

    @Test
    @Covers("POLL-7")
    void oneIsAskedAfterTheOther() {
        client.open(Via.LONG);
        client.answer("GET via=long&after=0&turn=1", MemoryClient.block(0, 1, "a", "b"));
        assertThat(client.lines()).containsExactly("open", "text a", "text b");
        client.pass(MemoryClient.HOLD);
        client.answer("GET via=long&after=2&turn=2", MemoryClient.block(0, 3, NOTHING));
        assertThat(client.http().open()).hasSize(1);
        client.http().open("GET via=long&after=2&turn=3");
    }

    @Test
    void shortOnesAreAskedAtIntervals() {
        client.open(Via.POLL);
        client.answer("GET via=poll", MemoryClient.block(0, 1, "a"));
        client.pass(MemoryClient.POLL_INTERVAL.minusMillis(200));
        assertThat(client.http().open()).isEmpty();
        client.pass(Duration.ofMillis(400));
        client.http().open("GET via=poll&after=1&turn=2");
    }

    @Test
    void aLongOneThatWasNotHeldIsAskedAgainSoon() {
        client.open(Via.LONG);
        client.answer("GET", MemoryClient.block(0, 1, NOTHING));
        client.pass(SOON);
        assertThat(polls()).isEqualTo(2);
    }

    @Test
    void longOnesThatAreNeverHeldAreAskedAsShortOnes() {
        client.open(Via.LONG);
        for (int i = 0; i < 10_000 && client.loop().elapsed().toSeconds() < 600; i++) {
            if (client.http().isOpen("GET")) {
                client.answer("GET", MemoryClient.block(0, 1, NOTHING));
            }
            client.pass(Duration.ofMillis(100));
        }
        assertThat(polls()).isBetween(60L, 70L);
    }

    @Test
    void aPollIntervalOutlivesNoSession() {
        client.open(Via.POLL);
        client.answer("GET", MemoryClient.block(0, 1, NOTHING));
        client.pass(MemoryClient.EXPIRY.dividedBy(3));
        assertThat(polls()).isGreaterThan(1);
    }

    @Test
    void aSessionOutlivesAServerThatWantsTimeForLongerThanItLives() {
        client.open(Via.LONG);
        client.answer("GET", 503, "Retry-After", "600");
        client.pass(MemoryClient.EXPIRY.dividedBy(3).minusSeconds(1));
        assertThat(polls()).isEqualTo(1);
        client.pass(Duration.ofSeconds(2));
        assertThat(polls()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void aSessionThatTheServerHasForgottenEnds(int status) {
        client.open(Via.LONG);
        client.answer("GET", status);
        assertThat(client.lines()).last().asString().startsWith("close 1006");
        assertThat(client.http().open()).isEmpty();
        assertThat(client.loop().shared().timers().size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 409, 500})
    void aServerThatRefusesAllPollsLosesTheSessionAfterItsExpiry(int status) {
        client.open(Via.LONG);
        refusePolls(status, false);
    }

    @Test
    void soItDoesWhereItTakesPosts() {
        client.open(Via.LONG);
        refusePolls(500, true);
    }

    private void refusePolls(int status, boolean takesPosts) {
        int packet = 0;
        while (client.lines().size() == 1) {
            if (client.http().isOpen("GET")) {
                client.answer("GET", status);
            }
            if (takesPosts && client.lines().size() == 1) {
                client.socket().send("message");
                client.loop().run();
                client.answer("POST", MemoryClient.block(++packet, 1, NOTHING));
            }
            client.pass(Duration.ofMillis(500));
            assertThat(client.loop().elapsed()).isLessThan(MemoryClient.EXPIRY.multipliedBy(2));
        }
        assertThat(client.lines()).last().asString().startsWith("close 1006");
        assertThat(client.loop().elapsed()).isGreaterThan(MemoryClient.EXPIRY);
        assertThat(polls()).isBetween(10L, 40L);
    }

    @Test
    void aBreakThatIsOverIsForgotten() {
        client.open(Via.LONG);
        client.cut("GET");
        client.pass(Duration.ofSeconds(1));
        client.answer("GET", MemoryClient.block(0, 1, "a"));
        for (int i = 0; i < 4; i++) {
            client.pass(MemoryClient.HOLD);
            client.answer("GET", MemoryClient.block(0, 2, NOTHING));
        }
        client.cut("GET");
        client.pass(Duration.ofSeconds(1));
        assertThat(client.http().isOpen("GET")).isTrue();
        assertThat(client.lines()).containsExactly("open", "text a");
    }

    /** A poll whose answer comes in pieces, ten seconds apart. */
    private Exchange<?> slowAnswer(byte[] block, int pieces) {
        Exchange<?> slow = client.http().open("GET");
        slow.head(200, Answers.BLOCK);
        for (int i = 0; i < pieces; i++) {
            client.pass(Duration.ofSeconds(10));
            slow.send(Arrays.copyOfRange(block, i * block.length / pieces, (i + 1) * block.length / pieces));
            client.loop().run();
            if (client.http().isOpen("POST")) {
                client.answer("POST", MemoryClient.block(0, 1, NOTHING));
            }
        }
        return slow;
    }

    private long posts() {
        return client.http().lines().stream()
                .filter(line -> line.startsWith("POST"))
                .count();
    }

    @Test
    void anAnswerMayTakeItsTimeAsLongAsMoreOfItComes() {
        client.open(Via.LONG);
        long before = posts();
        byte[] block = MemoryClient.bytes(MemoryClient.block(0, 1, "x".repeat(1000)));
        Exchange<?> slow = slowAnswer(block, 20);
        slow.end();
        client.loop().run();
        assertThat(slow.isCancelled()).isFalse();
        assertThat(client.lines()).containsExactly("open", "text of 1000 bytes");
        // So often the server hears of the client, which it would forget after the expiry.
        assertThat(posts() - before).isBetween(7L, 13L);
        client.http().open("GET via=long&after=1&turn=2");
    }

    @Test
    void anAnswerOfWhichNoMoreComesIsGivenUp() {
        client.open(Via.LONG);
        Exchange<?> slow = slowAnswer(MemoryClient.bytes(MemoryClient.block(0, 1, "message")), 3);
        client.pass(Duration.ofSeconds(50));
        assertThat(slow.isCancelled()).isTrue();
        assertThat(polls()).isEqualTo(2);
        assertThat(client.lines()).containsExactly("open");
    }

    @Test
    void anAnswerThatIsTooLongIsNotAskedForAgain() {
        client.host().limits(Limits.builder().maxMessageBytes(1000).build());
        client.open(Via.LONG);
        client.answer("GET", 200, Answers.BLOCK, new byte[300_000]);
        assertThat(client.lines()).contains("error MESSAGE_TOO_BIG");
        client.pass(Duration.ofSeconds(5));
        assertThat(polls()).isEqualTo(1);
        assertThat(Kind.of(client.posted().packets().get(0))).isEqualTo(Kind.CLOSE);
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        client.pass(MemoryClient.EXPIRY);
        assertThat(polls()).isEqualTo(1);
        assertThat(client.lines()).last().asString().isEqualTo("close 1006, by LIMIT");
        assertThat(client.http().open()).isEmpty();
    }

    /** Pauses at the first message. */
    private static final class Pausing implements WebSocketHandler {
        private final AtomicReference<WebSocket> socket = new AtomicReference<>();

        @Override
        public void onText(WebSocket opened, String text) {
            socket.set(opened);
            opened.pause();
        }

        void resume() {
            socket.get().resume();
        }
    }

    @Test
    void aHandlerThatTakesNothingIsNotPolledForButTheServerSeesThatItLives() {
        Pausing handler = new Pausing();
        MemoryClient pausing = new MemoryClient(handler).open(Via.LONG);
        pausing.answer("GET", MemoryClient.block(0, 1, "a", "b"));
        assertThat(pausing.http().open()).isEmpty();
        for (int i = 0; i < 10; i++) {
            pausing.pass(Duration.ofSeconds(16));
            assertThat(pausing.posted().ack()).isEqualTo(2);
            pausing.answer("POST", MemoryClient.block(0, 3, NOTHING));
        }
        handler.resume();
        pausing.loop().run();
        assertThat(pausing.lines()).containsExactly("open", "text a", "text b");
        pausing.pass(Duration.ofSeconds(1));
        assertThat(pausing.http().open()).isEmpty();
        handler.resume();
        pausing.loop().run();
        pausing.http().open("GET via=long&after=2");
    }

    @Test
    void anAnswerThatIsTooLongFailsAHandlerThatTakesNothingOnceItDoes() {
        Pausing handler = new Pausing();
        MemoryClient pausing = new MemoryClient(handler).open(Via.LONG);
        pausing.socket().send("up");
        pausing.loop().run();
        pausing.answer("POST", MemoryClient.block(1, 1, "a"));
        pausing.answer("GET", 200, Answers.BLOCK, new byte[3_000_000]);
        assertThat(pausing.lines()).containsExactly("open", "text a");
        handler.resume();
        pausing.loop().run();
        assertThat(pausing.lines()).contains("error MESSAGE_TOO_BIG");
    }

    @Test
    void whatIsLeftEndsWithTheClient() {
        client.open(Via.LONG);
        client.socket().send("message");
        client.loop().run();
        List<FakeHttp.Exchange<?>> underWay = client.http().open();
        assertThat(underWay).hasSize(2);
        client.requests().close();
        assertThat(underWay).allMatch(FakeHttp.Exchange::isCancelled);
        client.loop().run();
        assertThat(client.lines()).last().asString().startsWith("close 1006");
        assertThat(client.http().open()).isEmpty();
        assertThat(client.loop().shared().timers().size()).isZero();
    }
}
