package io.duplex.client.w3c;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The task source of one socket: runs tasks one after the other, in the order in which they came, on threads of an executor.
 * Thread-safe.
 */
final class TaskQueue {
    /** Tasks that run at a stretch, before others that use the executor have their turn. */
    private static final int STRETCH = 16;

    private final Executor executor;
    private final ToLongFunction<String> patience;
    private final Consumer<? super RejectedExecutionException> refused;
    private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
    /** Those that are queued, and the one that runs: until {@link #start}, that is this one. */
    private final AtomicLong unfinished = new AtomicLong(1);

    private final AtomicBoolean parked = new AtomicBoolean();

    /**
     * Creates an empty queue, which has yet to be started.
     *
     * @param patience how many nanoseconds a task, given by its name, is to wait from now on; 0 or less for none
     * @param refused told when the executor takes nothing more: no further task runs
     */
    TaskQueue(
            Executor executor, ToLongFunction<String> patience, Consumer<? super RejectedExecutionException> refused) {
        this.executor = executor;
        this.patience = patience;
        this.refused = refused;
    }

    /** Begins: what was added so far, and what is added from now on, may run. To be called once. */
    void start() {
        taskEnded();
    }

    /**
     * Adds a task. What it throws is thrown to the executor; the next ones run all the same.
     *
     * @param name what {@code patience} knows it by
     */
    void post(String name, Runnable action) {
        tasks.add(new Task(name, action));
        if (unfinished.getAndIncrement() == 0) {
            schedule();
        }
    }

    /** Whether no task runs and none is to run. */
    boolean isIdle() {
        return unfinished.get() == 0;
    }

    /** What {@code patience} says may have changed. */
    void wake() {
        if (parked.compareAndSet(true, false)) {
            schedule();
        }
    }

    private void schedule() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            refused.accept(e);
        }
    }

    private void run() {
        for (int i = 0; i < STRETCH; i++) {
            Task task = tasks.element();
            if (!mayRun(task)) {
                return;
            }
            tasks.remove();
            try {
                task.action().run();
            } catch (Throwable fault) {
                taskEnded();
                throw fault;
            }
            if (unfinished.decrementAndGet() == 0) {
                return;
            }
        }
        schedule();
    }

    private void taskEnded() {
        if (unfinished.decrementAndGet() > 0) {
            schedule();
        }
    }

    /** Whether its time has come; if not, the queue is parked until then. */
    private boolean mayRun(Task task) {
        long nanos = patience.applyAsLong(task.name());
        if (nanos <= 0) {
            return true;
        }
        parked.set(true);
        // Only now: a wake() that came before found nobody.
        if (patience.applyAsLong(task.name()) <= 0) {
            return parked.compareAndSet(true, false);
        }
        CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(this::wake);
        return false;
    }

    /** Something to be done in its turn. */
    private record Task(String name, Runnable action) {}
}
