package io.duplex.testkit;

import io.duplex.connection.Loop;
import java.time.Duration;

/** Where the connections of a test live: one turn at a time. */
public sealed interface EventLoop permits VirtualLoop, ThreadLoop {
    /** Runs {@code task} as a turn of its own, after those given before. Thread-safe. */
    void execute(Runnable task);

    /** Runs {@code task} once {@code delay} has passed. Thread-safe. */
    void schedule(Duration delay, Runnable task);

    /** Whether the calling code is the loop's. Thread-safe. */
    boolean isInLoop();

    /** What the connections of the loop share. */
    Loop shared();

    /** Buffers that connections have on loan. Once all connections have ended there must be none. */
    int lentBuffers();
}
