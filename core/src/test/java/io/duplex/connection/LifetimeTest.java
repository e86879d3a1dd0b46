package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a lively connection may live, and what its Pings tell of the way to the peer. */
class LifetimeTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private static TestConnection open(Timeouts.Builder timeouts) {
        return TestConnection.builder(NOTHING).timeouts(timeouts.build()).open();
    }

    private static void passLively(TestConnection connection, Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(10)) {
            connection.peer().send("m");
            connection.pass(Duration.ofSeconds(10));
        }
    }

    @Test
    void endsWithACloseFrameHoweverLivelyTheConnectionIs() {
        TestConnection connection = open(Timeouts.builder()
                .lifetime(Duration.ofMinutes(10))
                .lifetimeJitter(0)
                .lifetimeCode(1012));
        passLively(connection, Duration.ofSeconds(590));
        assertThat(connection.peer().received()).isEmpty();
        connection.pass(Duration.ofSeconds(10));
        assertThat(connection.peer().take()).containsExactly("close 1012 lifetime of 600 s");
        connection.peer().close(1012, "");
        connection.peer().end();
        Endings.assertEnded(connection, ClosedBy.TIMEOUT, new CloseStatus(1012, ""), true, "lifetime of 600 s");
        Endings.assertGone(connection);
    }

    @Test
    void isShortenedByChance() {
        TestConnection connection =
                open(Timeouts.builder().lifetime(Duration.ofSeconds(1000)).lifetimeJitter(0.5));
        passLively(connection, Duration.ofSeconds(500));
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
        passLively(connection, Duration.ofSeconds(500));
        assertThat(connection.peer().take()).contains("close 1001 lifetime of 1000 s");
        connection.peer().reset();
        Endings.assertGone(connection);
    }

    @Test
    void aLifetimeBeyondALongIsEndless() {
        TestConnection connection = open(Timeouts.builder().lifetime(Duration.ofSeconds(Long.MAX_VALUE)));
        passLively(connection, Duration.ofMinutes(5));
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
        connection.peer().reset();
        Endings.assertGone(connection);
    }

    @Test
    void theRoundTripIsKnownOnceAPingWasAnswered() {
        TestConnection connection = open(Timeouts.builder());
        WebSocket socket = connection.socket();
        assertThat(socket.roundTripTime()).isNull();
        connection.pass(Duration.ofSeconds(25));
        connection.peer().pong(ByteBuffer.allocate(1)); // of another Ping, or of none
        assertThat(socket.roundTripTime()).isNull();
        connection.pass(Duration.ofMillis(30));
        connection.peer().pong(ByteBuffer.allocate(0));
        assertThat(socket.roundTripTime()).isEqualTo(Duration.ofMillis(30));
        assertThat(socket.principal()).isNull();
        connection.peer().reset();
        Endings.assertGone(connection);
    }
}
