package io.duplex.connection;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads that may wait, one for each task: virtual where the JVM has them (21 and later), others from a pool where it does
 * not. None is made before the first is needed; none keeps the JVM alive. Thread-safe.
 */
public final class BlockingThreads implements Executor {
    private final String name;
    private @Nullable ExecutorService threads;
    private boolean closed;

    /**
     * Makes no thread yet.
     *
     * @param name what those of a pool are called
     */
    public BlockingThreads(String name) {
        this.name = name;
    }

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

    private ExecutorService create() {
        try {
            // By name: this is compiled for 17.
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            AtomicInteger made = new AtomicInteger();
            return Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, name + "-" + made.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });
        }
    }

    /** Interrupts what still runs, and takes nothing more. */
    public synchronized void close() {
        closed = true;
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
