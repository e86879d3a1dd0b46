package io.duplex.servlet;

import io.duplex.BufferSource;
import io.duplex.connection.Loop;
import io.duplex.connection.MaskingKeys;
import io.duplex.connection.SendBudget;
import io.duplex.extension.DeflatePool;
import io.duplex.protocol.Workspace;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An event loop without a thread of its own: the container's threads take turns at it, so that what one of them has read is
 * handled where it was read. Thread-safe, but for what says otherwise.
 */
final class ContainerLoop {
    private static final System.Logger LOGGER = System.getLogger(ContainerLoop.class.getName());

    private static final SendBudget SENDING = new SendBudget(
            Long.getLong("io.duplex.maxSendMemoryBytes", Runtime.getRuntime().maxMemory() / 4),
            () -> LOGGER.log(System.Logger.Level.DEBUG, "io.duplex.maxSendMemoryBytes is reached"));

    private static final int RECEIVE_BYTES = 32 << 10;
    /** Tasks after which what they sent leaves, be there more tasks or not. */
    private static final int TASKS_A_FLUSH = 256;

    private final ReentrantLock turn = new ReentrantLock();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final Executor executor;
    private final Loop core;

    // The loop's alone.
    private final Deque<ContainerTransport> gathering = new ArrayDeque<>();
    private final ByteBuffer receiveBuffer = ByteBuffer.allocate(RECEIVE_BYTES);
    private @Nullable ByteBuffer spare;

    ContainerLoop(Executor executor, SecureRandom random) {
        this.executor = executor;
        Workspace workspace = new Workspace(new HeapMemory(), new MaskingKeys(random), new DeflatePool());
        this.core = new Loop(workspace, SENDING, this::execute, System::nanoTime);
    }

    /** The engine's side of it. */
    Loop core() {
        return core;
    }

    boolean isTurnOfCaller() {
        return turn.isHeldByCurrentThread();
    }

    /** Runs {@code task} on the calling thread, after those given before; if that is at its turn, then when it returns. */
    void run(Runnable task) {
        tasks.add(task);
        if (!isTurnOfCaller()) {
            takeTurn();
        }
    }

    /** Runs {@code task} later, after those given before. */
    void execute(Runnable task) {
        tasks.add(task);
        if (!isTurnOfCaller() && awaited.compareAndSet(false, true)) {
            try {
                executor.execute(this::takeAwaitedTurn);
            } catch (RejectedExecutionException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a call came after the end of its event loop");
            }
        }
    }

    /** Has time pass. */
    void tick() {
        run(core::tick);
    }

    private void takeAwaitedTurn() {
        awaited.set(false);
        takeTurn();
    }

    private void takeTurn() {
        turn.lock();
        try {
            do {
                for (int i = 0; i < TASKS_A_FLUSH && !tasks.isEmpty(); i++) {
                    runNext();
                }
                flushAll();
            } while (!tasks.isEmpty());
        } finally {
            turn.unlock();
        }
    }

    private void runNext() {
        Runnable task = tasks.poll();
        if (task != null) {
            try {
                task.run();
            } catch (Throwable fault) {
                LOGGER.log(System.Logger.Level.ERROR, "a task of a connection failed", fault);
            }
        }
    }

    private void flushAll() {
        for (ContainerTransport next; (next = gathering.poll()) != null; ) {
            next.flush();
        }
    }

    // For the loop's turn only

    /** Has what {@code transport} gathers leave at the end of the turn. */
    void gathers(ContainerTransport transport) {
        gathering.add(transport);
    }

    /** Where to read to: good until somebody else reads. */
    ByteBuffer receiveBuffer() {
        return receiveBuffer.clear();
    }

    /** An empty buffer of at least {@code bytes}. */
    ByteBuffer acquire(int bytes) {
        ByteBuffer kept = spare;
        if (kept != null && kept.capacity() >= bytes) {
            spare = null;
            return kept.clear();
        }
        return ByteBuffer.allocate(Math.max(bytes, RECEIVE_BYTES));
    }

    /** Takes a buffer back. */
    void giveBack(ByteBuffer buffer) {
        if (buffer.capacity() <= 2 * RECEIVE_BYTES) {
            spare = buffer;
        }
    }

    void release() {
        run(() -> core.workspace().close());
    }

    /** The heap: arrays are what containers take. */
    private static final class HeapMemory implements BufferSource {
        @Override
        public Lease acquire(int bytes) {
            return new HeapLease(ByteBuffer.allocate(bytes));
        }
    }

    private record HeapLease(ByteBuffer bytes) implements BufferSource.Lease {
        @Override
        public void release() {}
    }
}
