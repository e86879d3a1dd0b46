package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.polling.FakeHttp.Exchange;
import io.duplex.testkit.Covers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that a stream of events carries, or may come to carry. */
class ClientStreamTest {
    private static final Duration ACK_TIME = Duration.ofMillis(1200);
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final String[] NOTHING = {};

    private final MemoryClient client = new MemoryClient();

    private static String event(int number, String data) {
        return "id: " + number + "\ndata: " + data + "\n\n";
    }

    private long streams() {
        return client.http().lines().stream()
                .filter(line -> line.startsWith("GET via=sse"))
                .count();
    }

    @Test
    void itTakesOverWithItsProbe() {
        client.open(Via.SSE, Via.LONG);
        assertThat(client.http().lines())
                .containsExactly("POST", "GET via=long&after=0&turn=1", "GET via=sse&after=0&turn=1048577");
        Exchange<?> stream = client.stream();
        client.send(stream, event(1, "ta") + event(2, "TYg==") + event(3, "bYw=="));
        assertThat(client.lines()).containsExactly("open", "text a", "text b", "binary 63");
        client.answer("GET via=long", MemoryClient.block(0, 1, NOTHING));
        client.pass(Duration.ofSeconds(15));
        assertThat(client.http().isOpen("GET via=long")).isFalse();
    }

    @Test
    void whatComesIsAcknowledgedWithinASecond() {
        client.open(Via.SSE, Via.LONG);
        client.send(client.stream(), event(1, "ta"));
        client.pass(ACK_TIME);
        assertThat(client.posted().ack()).isEqualTo(1);
        assertThat(client.posted().count()).isZero();
        client.answer("POST", MemoryClient.block(0, 2, NOTHING));
        client.pass(Duration.ofSeconds(14));
        assertThat(client.http().isOpen("POST")).isFalse();
    }

    @Test
    void andAtOnceIfItIsMuch() {
        client.open(Via.SSE, Via.LONG);
        client.send(client.stream(), event(1, "t" + "x".repeat(70_000)));
        assertThat(client.posted().ack()).isEqualTo(1);
    }

    @Test
    void soAreManyThatAreSmallAsTheServerHasToHoldThem() {
        client.open(Via.SSE, Via.LONG);
        StringBuilder events = new StringBuilder();
        for (int i = 1; i <= 700; i++) {
            events.append(event(i, "tx"));
        }
        client.send(client.stream(), events.toString());
        assertThat(client.posted().ack()).isGreaterThan(600);
    }

    @Test
    @Covers("FB-2")
    void whatAPollHasBroughtWhileTheStreamBeganIsAcknowledged() {
        client.open(Via.SSE, Via.LONG);
        client.answer("GET via=long", MemoryClient.block(0, 1, "a"));
        client.send(client.stream(), event(1, "ta"));
        client.pass(ACK_TIME);
        assertThat(client.posted().ack()).isEqualTo(1);
        assertThat(client.lines()).containsExactly("open", "text a");
    }

    @Test
    @Covers("FB-2")
    void soIsWhatThePollThatWasToSayItHasNotSaid() {
        client.open(Via.SSE, Via.LONG);
        client.answer("GET via=long", MemoryClient.block(0, 1, "a"));
        client.cut("GET via=long&after=1");
        client.stream();
        client.pass(ACK_TIME);
        assertThat(client.posted().ack()).isEqualTo(1);
    }

    @Test
    @Covers("FB-2")
    void whatComesAgainIsAcknowledgedAgain() {
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.stream();
        client.send(stream, event(1, "ta"));
        client.pass(ACK_TIME);
        client.answer("POST", MemoryClient.block(0, 2, NOTHING));
        client.send(stream, event(1, "ta"));
        client.pass(ACK_TIME);
        assertThat(client.posted().ack()).isEqualTo(1);
        assertThat(client.lines()).containsExactly("open", "text a");
    }

    @Test
    void anAcknowledgementThatWasCutGoesAgain() {
        client.open(Via.SSE, Via.LONG);
        client.send(client.stream(), event(1, "ta"));
        client.pass(ACK_TIME);
        client.cut("POST");
        client.pass(ACK_TIME);
        assertThat(client.posted().ack()).isEqualTo(1);
    }

    @Test
    @Covers("STREAM-3")
    void theNextOneFollowsAStreamThatHasBroughtSomething() {
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.stream();
        client.send(stream, event(1, "ta"));
        stream.end();
        client.loop().run();
        client.http().open("GET via=sse&after=1&turn=1048578");
        assertThat(client.stream()).isNotNull();
    }

    @Test
    void streamsThatBringNothingAreNoCarrier() {
        client.open(Via.SSE, Via.LONG);
        for (int i = 0; i < 600; i++) {
            if (client.http().isOpen("GET via=sse")) {
                Exchange<?> stream = client.stream();
                client.send(stream, event(1, "ta"));
                stream.end();
                client.loop().run();
            }
            client.pass(Duration.ofMillis(100));
        }
        assertThat(streams()).isBetween(3L, 40L);
        assertThat(client.lines()).containsExactly("open", "text a");
    }

    @Test
    void aStreamThatEndsWhileABetterCarrierIsTriedIsFollowedByTheNext() {
        client.open(Via.WEBSOCKET, Via.SSE, Via.LONG);
        client.host().attempt().fail();
        Exchange<?> stream = client.stream();
        client.pass(Duration.ofSeconds(6));
        assertThat(client.host().attempts()).hasSize(2);
        client.host().attempt();
        client.send(stream, event(1, "ta"));
        stream.end();
        client.loop().run();
        assertThat(client.http().isOpen("GET via=sse&after=1")).isTrue();
    }

    @Test
    void aStreamThatGivesWayToAnAttemptThatFailsIsTriedAgain() {
        client.open(Via.WEBSOCKET, Via.SSE, Via.LONG);
        client.host().attempt().fail();
        Exchange<?> stream = client.stream();
        client.answer("GET via=long", MemoryClient.block(0, 1, NOTHING));
        client.pass(Duration.ofSeconds(6));
        stream.end();
        client.loop().run();
        assertThat(client.http().isOpen("GET")).isFalse();
        client.host().attempt().fail();
        assertThat(client.http().isOpen("GET via=sse")).isTrue();
        assertThat(client.http().isOpen("GET via=long")).isTrue();
    }

    @Test
    @Covers("STREAM-5")
    void aStreamThatIsBufferedGivesWayToPolls() {
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.http().open("GET via=sse");
        client.pass(Duration.ofSeconds(6));
        assertThat(stream.isCancelled()).isTrue();
        assertThat(client.http().isOpen("GET via=long")).isTrue();
    }

    @Test
    void aStreamThatIsSilentBreaks() {
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.stream();
        client.pass(Duration.ofSeconds(40));
        client.send(stream, ":\n\n");
        client.pass(Duration.ofSeconds(40));
        assertThat(stream.isCancelled()).isFalse();
        client.answer("POST", MemoryClient.block(1, 1, NOTHING));
        client.pass(Duration.ofSeconds(6));
        assertThat(stream.isCancelled()).isTrue();
        client.pass(SOON);
        assertThat(client.http().isOpen("GET via=long&after=0&turn=1048578")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: ", ":", "data: x\n"})
    void whatHasNoEndFailsTheSession(String endless) {
        client.host().limits(Limits.builder().maxMessageBytes(1000).build());
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.stream();
        client.answer("GET via=long", MemoryClient.block(0, 1, NOTHING));
        for (int i = 0; i < 1000 && !stream.isCancelled(); i++) {
            client.send(stream, endless.repeat(1000));
        }
        assertThat(stream.isCancelled()).isTrue();
        assertThat(client.lines()).contains("error MESSAGE_TOO_BIG");
        client.pass(SOON);
        assertThat(client.http().isOpen("GET")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"id: x\ndata: ta\n\n", "id: 1\ndata: z\n\n", "id: 1\ndata: b!\n\n", "id: 9\ndata: ta\n\n"})
    void anEventThatIsNoPacketBreaksIt(String event) {
        client.open(Via.SSE, Via.LONG);
        Exchange<?> stream = client.stream();
        client.send(stream, event);
        assertThat(stream.isCancelled()).isTrue();
        client.pass(SOON);
        assertThat(client.http().isOpen("GET via=long")).isTrue();
        assertThat(client.lines()).containsExactly("open");
    }
}
