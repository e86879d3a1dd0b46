package io.duplex.polling.session;

import io.duplex.Timeouts;
import io.duplex.connection.ConnectionSettings;
import java.time.Duration;

/**
 * What the sessions of one service have in common. Immutable and thread-safe.
 *
 * @param settings those of the server, but for the keepalive
 * @param expiry how long a session lives without a carrier
 * @param peerCloses whether the peer answers a Close with its own; if not, the connection ends when it has closed
 * @param sendingCounts whether what the peer sends begins that time anew; if not, nothing but a carrier does
 */
public record SessionOptions(ConnectionSettings settings, Duration expiry, boolean peerCloses, boolean sendingCounts) {
    /**
     * Options with the server's settings, but without a keepalive, for a protocol that has one of its own, in which a peer that
     * sends but does not receive is as good as gone.
     */
    public static SessionOptions withoutKeepalive(ConnectionSettings settings, Duration expiry) {
        return of(
                settings,
                expiry,
                settings.timeouts().toBuilder().pingInterval(Duration.ZERO).build(),
                false,
                false);
    }

    private static SessionOptions of(
            ConnectionSettings settings,
            Duration expiry,
            Timeouts timeouts,
            boolean peerCloses,
            boolean sendingCounts) {
        return new SessionOptions(
                new ConnectionSettings(
                        settings.limits(), timeouts, settings.compression(), settings.topics(), settings.faults()),
                expiry,
                peerCloses,
                sendingCounts);
    }

    /**
     * Options with the server's settings, in which the keepalive leaves time for the peer to be heard by what it does anyway.
     *
     * @param silence how long a peer that is well may be silent, such as during a long poll; the next Ping comes later
     */
    public static SessionOptions of(
            ConnectionSettings settings, Duration expiry, Duration silence, boolean peerCloses) {
        Timeouts timeouts = settings.timeouts();
        Duration interval = timeouts.pingInterval();
        if (!interval.isZero() && interval.compareTo(silence) < 0) {
            timeouts = timeouts.toBuilder().pingInterval(silence).build();
        }
        return of(settings, expiry, timeouts, peerCloses, true);
    }
}
