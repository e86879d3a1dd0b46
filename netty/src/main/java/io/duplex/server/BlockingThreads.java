package io.duplex.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the blocking routes, one for each of their connections: virtual where the JVM has them (21 and later), others
 * from a pool where it does not. None is made before the first is needed. Thread-safe.
 */
final class BlockingThreads implements Executor {
    private @Nullable ExecutorService threads;
    private boolean closed;

    @Override
    public void execute(Runnable task) {
        threads().execute(task);
    }

    private synchronized ExecutorService threads() {
        ExecutorService present = threads;
        if (present == null) {
            present = create();
            if (closed) {
                present.shutdownNow();
            }
            threads = present;
        }
        return present;
    }

    private static ExecutorService create() {
        try {
            // By name: this is compiled for 17.
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return Executors.newCachedThreadPool(new DefaultThreadFactory("duplex-blocking", true));
        }
    }

    /** Interrupts what still runs, and takes nothing more. */
    synchronized void close() {
        closed = true;
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
