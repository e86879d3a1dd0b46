package io.duplex.testkit;

import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An event loop on a thread of its own and on the real clock, for what cannot be shown on a {@link VirtualLoop}: code that
 * blocks, and races. Thread-safe.
 */
public final class ThreadLoop implements EventLoop, AutoCloseable {
    private final HeapBuffers buffers = new HeapBuffers();
    private final ScheduledThreadPoolExecutor executor;
    private final Loop shared;
    private volatile Thread thread = Thread.currentThread();

    /** Starts the thread. */
    @SuppressWarnings("FutureReturnValueIgnored") // close() ends the tick, too
    public ThreadLoop() {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "test-loop");
            made.setDaemon(true);
            thread = made;
            return made;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.prestartCoreThread();
        shared = buffers.loop(executor, System::nanoTime);
        executor.scheduleAtFixedRate(shared::tick, TimerWheel.TICK_NANOS, TimerWheel.TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the test sees what the task does
    public void schedule(Duration delay, Runnable task) {
        executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // threads are compared by identity
    public boolean isInLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Loop shared() {
        return shared;
    }

    @Override
    public int lentBuffers() {
        return buffers.lent();
    }

    /** Ends the thread after its current turn. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
