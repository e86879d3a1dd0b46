package io.duplex.polling.session;

import io.duplex.WebSocket;

/**
 * The way of what a WebSocket connection brings to a session that may live on another loop. Where much is under way, or the
 * session wants none, the connection is not read from. Thread-safe.
 */
public final class Crossing {
    private static final int MOST_BYTES = 1 << 20;
    /** What a message costs besides its bytes. */
    private static final int MESSAGE_BYTES = 64;

    private long bytes;
    private boolean held;
    private boolean paused;

    /** A message sets out, on the connection's loop. */
    public synchronized void enter(WebSocket from, int length) {
        bytes += length + MESSAGE_BYTES;
        sync(from);
    }

    /** A message has arrived, on the session's loop. */
    public synchronized void leave(WebSocket from, int length) {
        bytes -= length + MESSAGE_BYTES;
        sync(from);
    }

    /** Whether the session wants none. */
    public synchronized void hold(WebSocket from, boolean wanted) {
        held = wanted;
        sync(from);
    }

    private void sync(WebSocket from) {
        boolean wanted = held || bytes > MOST_BYTES;
        if (wanted != paused) {
            paused = wanted;
            if (wanted) {
                from.pause();
            } else {
                from.resume();
            }
        }
    }
}
