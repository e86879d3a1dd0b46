package io.duplex.jakarta;

import org.jspecify.annotations.Nullable;

/**
 * Whose callback a thread runs. The callbacks of one session never overlap but may run on many threads, one after the other, so
 * that it is the session that says who acts, not the thread. Thread-safe.
 */
final class Callbacks {
    private static final ThreadLocal<@Nullable EndpointSession> RUNNING = new ThreadLocal<>();

    private Callbacks() {}

    /** Runs a callback of a session; another session's, in which it is called, goes on afterwards. */
    static void run(EndpointSession session, Runnable callback) {
        EndpointSession before = RUNNING.get();
        RUNNING.set(session);
        try {
            callback.run();
        } finally {
            if (before == null) {
                RUNNING.remove();
            } else {
                RUNNING.set(before);
            }
        }
    }

    /** Whether the calling thread runs a callback of that session. */
    static boolean isOf(EndpointSession session) {
        return RUNNING.get() == session;
    }

    /** Who calls: the session whose callback it is, or else the thread. */
    static Object caller() {
        EndpointSession running = RUNNING.get();
        return running == null ? Thread.currentThread() : running;
    }
}
