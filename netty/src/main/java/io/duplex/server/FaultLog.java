package io.duplex.server;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Logs what the application's code throws, at most ten faults a second: a stranger who finds out what makes it throw must not
 * fill the disk, nor hold up the event loops with the writing of logs. Those that are left out are counted in the next that is
 * logged. Thread-safe.
 */
final class FaultLog {
    static final int FAULTS_A_SECOND = 10;

    private final System.Logger logger;
    private final LongSupplier nanoClock;
    private long secondNanos;
    private int logged;
    private long leftOut;

    /**
     * Creates a log.
     *
     * @param nanoClock as {@link System#nanoTime}
     */
    FaultLog(System.Logger logger, LongSupplier nanoClock) {
        this.logger = logger;
        this.nanoClock = nanoClock;
        this.secondNanos = nanoClock.getAsLong();
    }

    /** Logs {@code fault}, unless there are too many. */
    void log(String what, Throwable fault) {
        long unseen = admit();
        if (unseen >= 0) {
            String others = unseen == 0 ? "" : " (and " + unseen + " faults before it that were not logged)";
            logger.log(System.Logger.Level.ERROR, what + others, fault);
        }
    }

    /** How many were left out before this one; -1 if it is left out, too. */
    private synchronized long admit() {
        long now = nanoClock.getAsLong();
        if (now - secondNanos >= TimeUnit.SECONDS.toNanos(1)) {
            secondNanos = now;
            logged = 0;
        }
        if (logged == FAULTS_A_SECOND) {
            leftOut++;
            return -1;
        }
        logged++;
        long unseen = leftOut;
        leftOut = 0;
        return unseen;
    }
}
