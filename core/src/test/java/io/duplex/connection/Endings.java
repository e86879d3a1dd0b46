package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.testkit.TestConnection;
import java.time.Duration;

/** What tests of a connection's end look at. */
final class Endings {
    private Endings() {}

    static CloseOutcome outcome(TestConnection connection) {
        CloseOutcome outcome = connection.handler().outcome();
        assertThat(outcome).isNotNull();
        return outcome;
    }

    static void assertEnded(TestConnection connection, ClosedBy by, CloseStatus status, boolean clean, String detail) {
        CloseOutcome outcome = outcome(connection);
        assertThat(outcome.closedBy()).isEqualTo(by);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.clean()).isEqualTo(clean);
        assertThat(outcome.detail()).isEqualTo(detail);
    }

    /** The connection has ended once and for all, and holds nothing. */
    static void assertGone(TestConnection connection) {
        connection.loop().shared().workspace().close();
        assertThat(connection.loop().lentBuffers()).isZero();
        assertThat(connection.loop().shared().timers().size()).isZero();
        assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
        assertClosedOnce(connection);
        assertThat(connection.socket().send("too late")).isEqualTo(SendStatus.REFUSED);
        connection.socket().close();
        connection.socket().abort();
        connection.socket().resume();
        connection.socket().subscribe("too late");
        connection.pass(Duration.ofHours(1));
        assertClosedOnce(connection);
    }

    private static void assertClosedOnce(TestConnection connection) {
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSED);
        assertThat(connection.handler().lines().stream().filter(line -> line.startsWith("close")))
                .hasSize(1);
    }
}
