package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseStatus;
import io.duplex.polling.FakeHttp.Exchange;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sends by requests. */
class ClientOutflowTest {
    private static final String[] NOTHING = {};
    private final MemoryClient client = new MemoryClient().open(Via.LONG);

    private void send(String... texts) {
        for (String text : texts) {
            client.socket().send(text);
        }
        client.loop().run();
    }

    private List<Exchange<?>> posts() {
        return client.http().open().stream()
                .filter(exchange -> exchange.line().equals("POST"))
                .toList();
    }

    @Test
    @Covers("POLL-7")
    void oneGoesAfterTheOtherWithWhatWasSentMeanwhile() {
        send("a", "b");
        assertThat(client.posted().count()).isEqualTo(2);
        send("c", "d", "e");
        assertThat(posts()).hasSize(1);
        client.answer("POST", MemoryClient.block(2, 1, NOTHING));
        assertThat(client.posted().first()).isEqualTo(3);
        assertThat(client.posted().count()).isEqualTo(3);
        client.answer("POST", MemoryClient.block(5, 1, NOTHING));
        assertThat(posts()).isEmpty();
    }

    @Test
    void anAnswerMayOvertakeWhatTheServerHasSentBefore() {
        send("a");
        client.answer("POST", MemoryClient.block(1, 3, NOTHING));
        send("b");
        assertThat(client.posted().first()).isEqualTo(2);
        client.answer("GET", MemoryClient.block(1, 1, "x", "y"));
        assertThat(client.lines()).containsExactly("open", "text x", "text y");
    }

    @Test
    void aPromiseIsKeptWhenTheServerHasIt() {
        CompletableFuture<Void> sent = client.socket().sendAsync("a");
        client.loop().run();
        assertThat(sent).isNotDone();
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        assertThat(sent).isCompleted();
    }

    @Test
    @Covers("FB-2")
    void whatWasCutGoesAgainAfterPausesThatGrow() {
        send("a");
        int tries = 0;
        while (client.loop().elapsed().toSeconds() < 30) {
            if (!posts().isEmpty()) {
                tries++;
                assertThat(client.posted().first()).isEqualTo(1);
                client.cut("POST");
            }
            client.pass(Duration.ofMillis(100));
        }
        assertThat(tries).isBetween(5, 15);
        client.pass(Duration.ofSeconds(6));
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        client.pass(Duration.ofSeconds(6));
        assertThat(posts()).isEmpty();
        assertThat(client.lines()).hasSize(1);
    }

    @Test
    void aServerThatTakesNothingLosesTheSessionAfterItsExpiry() {
        send("a");
        for (int i = 1; client.lines().size() == 1; i++) {
            if (!posts().isEmpty()) {
                client.answer("POST", MemoryClient.block(0, 1, NOTHING));
            }
            client.pass(Duration.ofMillis(500));
            if (i % 60 == 0 && client.http().isOpen("GET")) {
                client.answer("GET", MemoryClient.block(0, 1, NOTHING));
            }
            assertThat(client.loop().elapsed()).isLessThan(MemoryClient.EXPIRY.multipliedBy(2));
        }
        assertThat(client.lines()).last().asString().startsWith("close 1006");
    }

    @Test
    void aGapIsFilled() {
        send("a", "b");
        client.answer("POST", 409, Answers.BLOCK, MemoryClient.bytes(MemoryClient.block(1, 1, NOTHING)));
        assertThat(client.posted().first()).isEqualTo(2);
    }

    @Test
    void blocksGetShorterWhereLongOnesAreNotTaken() {
        send("x".repeat(60_000), "y".repeat(60_000), "z".repeat(60_000));
        assertThat(client.posted().count()).isEqualTo(3);
        client.answer("POST", 413);
        assertThat(client.posted().count()).isEqualTo(2);
        client.answer("POST", 413);
        assertThat(client.posted().count()).isEqualTo(1);
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        assertThat(client.posted().first()).isEqualTo(2);
    }

    @Test
    void aMessageThatIsNotTakenAloneEndsTheSession() {
        send("x".repeat(60_000));
        client.answer("POST", 413);
        assertThat(client.lines()).last().asString().startsWith("close 1006");
        assertThat(client.http().open()).isEmpty();
    }

    @Test
    void aServerThatWantsTimeGetsItAsFarAsTheSessionLives() {
        send("a");
        client.answer("POST", 503, "Retry-After", "10");
        client.pass(Duration.ofSeconds(9));
        assertThat(posts()).isEmpty();
        client.pass(Duration.ofSeconds(2));
        client.answer("POST", 429, "Retry-After", "600");
        client.pass(MemoryClient.EXPIRY.dividedBy(3));
        assertThat(posts()).hasSize(1);
    }

    @Test
    void aPostThatIsHeldIsRepeatedFromTimeToTime() {
        send("a");
        Exchange<?> held = client.http().open("POST");
        client.pass(MemoryClient.HOLD);
        client.answer("GET", MemoryClient.block(0, 1, NOTHING));
        client.pass(MemoryClient.HOLD.plusSeconds(1));
        assertThat(held.isCancelled()).isTrue();
        assertThat(posts()).hasSize(1);
        assertThat(client.lines()).hasSize(1);
    }

    /** Time passes in which polls are answered. */
    private void receive(Duration time) {
        for (long left = time.toSeconds(); left > 0; left -= 10) {
            client.pass(Duration.ofSeconds(10));
            if (client.http().isOpen("GET")) {
                client.answer("GET", MemoryClient.block(0, 1, NOTHING));
            }
            client.pass(Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 502, 503, 504, 524})
    void aPostThatIsHeldForLongerThanSomethingOnTheWayWaitsEndsNoSession(int status) {
        send("a");
        for (int i = 0; i < 10; i++) {
            receive(Duration.ofSeconds(30));
            client.answer("POST", status);
        }
        receive(Duration.ofSeconds(10));
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        assertThat(client.lines()).containsExactly("open");
    }

    @Test
    void aPostThatIsHeldAfterOneThatWasCutEndsNoSession() {
        send("a");
        client.cut("POST");
        receive(MemoryClient.EXPIRY.multipliedBy(3));
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        assertThat(client.lines()).containsExactly("open");
    }

    @Test
    void aServerThatRefusesPostsSlowlyLosesTheSessionAllTheSame() {
        send("a");
        for (int i = 0; i < 20 && client.lines().size() == 1; i++) {
            receive(Duration.ofSeconds(10));
            if (!posts().isEmpty()) {
                client.answer("POST", 500);
            }
        }
        assertThat(client.lines()).last().asString().startsWith("close 1006");
    }

    @Test
    void aLongBlockHasTheTimeThatASlowWayTakes() {
        send("x".repeat(800_000));
        Exchange<?> slow = client.http().open("POST");
        receive(MemoryClient.EXPIRY.multipliedBy(4));
        assertThat(slow.isCancelled()).isFalse();
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        assertThat(client.lines()).containsExactly("open", "drain");
    }

    @Test
    void theEndIsFetchedAndItsReceiptSaid() {
        client.socket().close(4000, "bye");
        client.loop().run();
        assertThat(Kind.of(client.posted().packets().get(0))).isEqualTo(Kind.CLOSE);
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        client.answer("GET", MemoryClient.block(1, 1, Packet.close(CloseStatus.of(4000))));
        assertThat(client.lines()).last().asString().startsWith("close 4000");
        assertThat(client.posted().ack()).isEqualTo(1);
        client.answer("POST", MemoryClient.block(1, 2, NOTHING));
        assertThat(client.http().open()).isEmpty();
        assertThat(client.loop().shared().timers().size()).isZero();
    }
}
