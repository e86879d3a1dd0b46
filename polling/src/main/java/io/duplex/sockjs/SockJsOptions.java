package io.duplex.sockjs;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What the sessions of one service have in common.
 *
 * @param heartbeat time between two frames {@code h} on a carrier that is silent
 * @param expiry how long a session lives without a carrier, and is remembered once it has closed
 * @param streamBytes after so many an answer that is a stream ends, so that the client opens the next
 * @param cookie whether answers to requests of sessions have a {@link StickyCookie}
 */
record SockJsOptions(Duration heartbeat, Duration expiry, int streamBytes, boolean cookie) {
    long heartbeatNanos() {
        return TimeUnit.NANOSECONDS.convert(heartbeat);
    }
}
