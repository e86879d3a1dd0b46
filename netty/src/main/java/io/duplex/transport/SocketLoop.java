package io.duplex.transport;

import io.duplex.connection.Loop;
import io.duplex.connection.MaskingKeys;
import io.duplex.connection.TimerWheel;
import io.duplex.extension.DeflatePool;
import io.duplex.handshake.HeadScratch;
import io.duplex.protocol.Workspace;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with all that its connections share. Confined to its thread, but for {@link #eventLoop}, {@link #core} and
 * {@link #execute}.
 */
public final class SocketLoop {
    private static final System.Logger LOGGER = System.getLogger(SocketLoop.class.getName());

    /** From one look at the memory for what was received to the next: a second. */
    private static final int LOOK_TICKS = (int) (TimeUnit.SECONDS.toNanos(1) / TimerWheel.TICK_NANOS);

    /** So many looks without a shortage end one: or whoever causes it could have it begin anew before anybody gives up what it has. */
    private static final int CALM_LOOKS = 10;

    private final EventLoop eventLoop;
    private final Loop core;
    private final Cork cork;
    private final ReceiveBuffer receiveBuffer;
    private final HeadScratch headScratch = new HeadScratch();
    private @Nullable SocketTransport first;
    private volatile @Nullable Thread thread;
    private volatile long beatNanos;
    private int ticks;
    /** Which shortage it is, or will be: how many have ended. */
    private int shortage;
    /** Looks in a row that found none. */
    private int calmLooks;

    SocketLoop(EventLoop eventLoop, SecureRandom random, long maxInflatingBytes) {
        this.eventLoop = eventLoop;
        Workspace workspace = new Workspace(
                new PooledBuffers(MemoryBudget.SHARED), new MaskingKeys(random), new DeflatePool(maxInflatingBytes));
        this.core = new Loop(workspace, MemoryBudget.SENDING, this::execute, this::executeLater, System::nanoTime);
        this.cork = new Cork(this);
        this.receiveBuffer = new ReceiveBuffer(core::keptBytes);
        eventLoop.execute(this::beat);
        eventLoop.scheduleAtFixedRate(this::tick, TimerWheel.TICK_NANOS, TimerWheel.TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    /** A periodic task that throws once never runs again, and all deadlines of the loop would be gone with it. */
    private void tick() {
        beat();
        try {
            core.tick();
            if (++ticks % LOOK_TICKS == 0) {
                look();
            }
        } catch (Throwable fault) {
            LOGGER.log(System.Logger.Level.ERROR, "a timer of a connection failed", fault);
        }
    }

    private void look() {
        if (MemoryBudget.SHARED.isShort()) {
            calmLooks = 0;
            // A copy: whoever is told may close others.
            List<SocketTransport> present = new ArrayList<>();
            forEach(present::add);
            for (SocketTransport transport : present) {
                tell(transport);
            }
            core.onShortage(shortage);
        } else if (++calmLooks == CALM_LOOKS) {
            shortage++;
        }
    }

    private void tell(SocketTransport transport) {
        try {
            transport.turn(() -> transport.listener().onShortage(shortage));
        } catch (Throwable fault) {
            LOGGER.log(System.Logger.Level.ERROR, "a connection could not be told that memory is short", fault);
        }
    }

    private void beat() {
        thread = Thread.currentThread();
        beatNanos = System.nanoTime();
    }

    /** Netty's side of it. */
    public EventLoop eventLoop() {
        return eventLoop;
    }

    /** The thread of the loop; {@code null} before it first runs. Thread-safe. */
    public @Nullable Thread thread() {
        return thread;
    }

    /** When the loop last came round to its tick, or first ran, in the manner of {@link System#nanoTime}. Thread-safe. */
    public long beatNanos() {
        return beatNanos;
    }

    /** The engine's side of it. */
    public Loop core() {
        return core;
    }

    /** Runs {@code task} on the loop's thread; drops it if the loop has ended, and all its connections with it. Thread-safe. */
    public void execute(Runnable task) {
        if (!tryExecute(task)) {
            LOGGER.log(System.Logger.Level.DEBUG, "a call came after the end of its event loop");
        }
    }

    /**
     * Runs {@code task} on the loop's thread once it has looked at its sockets, so that others have their turn; drops it if the
     * loop has ended. Thread-safe.
     */
    public void executeLater(Runnable task) {
        try {
            // Tasks that follow each other run for up to a second before Netty looks at its sockets; not those that are
            // due.
            eventLoop.schedule(task, 1, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a call came after the end of its event loop");
        }
    }

    /** Runs {@code task} on the loop's thread; {@code false} if the loop has ended. Thread-safe. */
    public boolean tryExecute(Runnable task) {
        try {
            eventLoop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** What the heads of opening handshakes are decoded with. */
    public HeadScratch headScratch() {
        return headScratch;
    }

    Cork cork() {
        return cork;
    }

    ReceiveBuffer receiveBuffer() {
        return receiveBuffer;
    }

    void add(SocketTransport transport) {
        transport.next = first;
        if (first != null) {
            first.previous = transport;
        }
        first = transport;
    }

    void remove(SocketTransport transport) {
        if (transport.previous != null) {
            transport.previous.next = transport.next;
        } else {
            first = transport.next;
        }
        if (transport.next != null) {
            transport.next.previous = transport.previous;
        }
        transport.previous = null;
        transport.next = null;
    }

    /** Calls {@code action} for each transport on this loop. It may close them. */
    public void forEach(Consumer<? super SocketTransport> action) {
        SocketTransport transport = first;
        while (transport != null) {
            SocketTransport following = transport.next;
            action.accept(transport);
            transport = following;
        }
    }

    /** Whether no connection is left. */
    public boolean isEmpty() {
        return first == null;
    }

    void release() {
        cork.release();
        receiveBuffer.release();
        core.workspace().close();
    }
}
