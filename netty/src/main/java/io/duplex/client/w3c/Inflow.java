package io.duplex.client.w3c;

import io.duplex.WebSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stops reading from the network while too many messages wait for their event, and goes on when half of them are gone.
 * Thread-safe; messages come on the event loop, and go on any thread.
 */
final class Inflow {
    /** What a message counts besides its content, so that many small ones are bounded as well. */
    private static final int OVERHEAD_BYTES = 256;

    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean paused = new AtomicBoolean();

    Inflow(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void came(WebSocket socket, int size) {
        if (bytes.addAndGet(size + OVERHEAD_BYTES) >= maxBytes) {
            paused.set(true);
            // Each time: a resume() of the other side may only now take effect.
            socket.pause();
            // All may have gone before the flag was there to be seen.
            resumeIfLow(socket);
        }
    }

    void went(WebSocket socket, int size) {
        bytes.addAndGet(-(size + OVERHEAD_BYTES));
        resumeIfLow(socket);
    }

    private void resumeIfLow(WebSocket socket) {
        if (bytes.get() <= maxBytes / 2 && paused.compareAndSet(true, false)) {
            socket.resume();
        }
    }
}
