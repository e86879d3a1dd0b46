package io.duplex.servlet;

import io.duplex.CloseOutcome;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import io.duplex.connection.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A connection that its container goes on serving. Confined to its loop, but for what {@link Transport} says. */
final class ContainerTransport implements Transport {
    private static final System.Logger LOGGER = System.getLogger(ContainerTransport.class.getName());

    /** Bytes that wait, from which on more should: as big as a socket's own buffer, as thousands may be congested. */
    private static final int CONGESTION_BYTES = 32 << 10;

    /** Reads in a row, after which others have their turn. */
    private static final int READS_A_TURN = 16;

    private final ContainerLoop loop;
    private final Wire wire;
    private final Adoption adoption;
    private final Deque<Runnable> whenFlushed = new ArrayDeque<>(1);

    /** {@code null} before it is open. */
    private @Nullable Connection connection;
    /** What is gathered, from 0 to its position; {@code null} if there is none. */
    private @Nullable ByteBuffer gathered;
    /** Bytes that the container took while it could not send them at once. */
    private int taken;

    private volatile long pendingBytes;
    private boolean announced;
    private boolean reading = true;
    private boolean inputEnded;
    private boolean congested;
    private boolean closing;
    private volatile boolean ended;

    ContainerTransport(ContainerLoop loop, Wire wire, Adoption adoption) {
        this.loop = loop;
        this.wire = wire;
        this.adoption = adoption;
    }

    // The container's side

    /** The container has upgraded the connection; it may have broken since. */
    void open() {
        loop.run(() -> {
            if (ended) {
                return;
            }
            try {
                Connection made = adoption.connect(loop.core(), this);
                connection = made;
                made.onOpen();
                read();
            } catch (Throwable fault) {
                fail(fault);
            }
        });
    }

    /** There may be something to read. */
    void onReadable() {
        loop.run(this::read);
    }

    /** The container may take more. */
    void onWritable() {
        loop.run(this::flush);
    }

    /** The connection has broken; {@code null} if the container ended it. */
    void onFailed(@Nullable Throwable fault) {
        loop.run(() ->
                failReading(fault == null ? new IOException("the servlet container ended the connection") : fault));
    }

    /** Whether it is over. Thread-safe. */
    boolean isEnded() {
        return ended;
    }

    private void read() {
        Connection reader = connection;
        try {
            for (int i = 0; reader != null && reading && !inputEnded && !closing && !ended; i++) {
                if (i == READS_A_TURN) {
                    loop.execute(this::read);
                    return;
                }
                ByteBuffer in = loop.receiveBuffer();
                int bytes = wire.read(in);
                if (bytes == 0) {
                    return;
                }
                if (bytes > 0) {
                    reader.onReadable(in.flip());
                } else {
                    inputEnded = true;
                    // The end drops what is pending: what answers messages before it goes first.
                    pump();
                    reader.onEof();
                }
            }
        } catch (Throwable fault) {
            failReading(fault);
        }
    }

    /** Some containers tell of the peer's end by an exception; the peer may be reading still. */
    private void failReading(Throwable fault) {
        if (fault instanceof EOFException) {
            pump();
        }
        fail(fault);
    }

    private void fail(Throwable fault) {
        if (!(fault instanceof IOException)) {
            LOGGER.log(System.Logger.Level.WARNING, "a connection failed", fault);
        }
        end(fault);
    }

    private void end(@Nullable Throwable fault) {
        if (ended) {
            return;
        }
        ended = true;
        gathered = null;
        pendingBytes = 0;
        whenFlushed.clear();
        wire.close();
        loop.execute(() -> {
            CloseOutcome outcome = connection == null ? null : connection.onTransportClosed(fault);
            adoption.ended(outcome);
        });
    }

    // Sending

    @Override
    public ByteBuffer room(int bytes) {
        if (!announced) {
            announced = true;
            loop.gathers(this);
        }
        ByteBuffer present = gathered;
        if (present != null && present.position() >= CONGESTION_BYTES && !ended) {
            pump();
            present = gathered;
        }
        if (present == null) {
            present = loop.acquire(bytes);
        } else if (present.remaining() < bytes) {
            present = loop.acquire(Math.max(present.position() + bytes, 2 * present.capacity()))
                    .put(present.flip());
        }
        gathered = present;
        return present;
    }

    @Override
    public void write(ByteBuffer payload) {
        while (payload.hasRemaining()) {
            ByteBuffer room = room(Math.min(payload.remaining(), MAX_ROOM));
            int bytes = Math.min(room.remaining(), payload.remaining());
            room.put(room.position(), payload, payload.position(), bytes).position(room.position() + bytes);
            payload.position(payload.position() + bytes);
        }
    }

    /** Sends what was gathered, as far as the container takes it, and tells who waits for that. */
    void flush() {
        announced = false;
        if (ended) {
            gathered = null;
            return;
        }
        pump();
        if (ended || pendingBytes > 0) {
            return;
        }
        for (Runnable waiting; (waiting = whenFlushed.poll()) != null; ) {
            waiting.run();
        }
        if (closing) {
            end(null);
        } else if (congested) {
            congested = false;
            loop.execute(() -> {
                if (connection != null && !ended) {
                    connection.onWritable();
                }
            });
        }
    }

    private void pump() {
        try {
            boolean ready = wire.isReady();
            ByteBuffer bytes = gathered;
            if (ready && bytes != null) {
                gathered = null;
                taken = bytes.position();
                wire.write(bytes.array(), bytes.arrayOffset(), bytes.position());
                ready = wire.isReady();
                if (ready) {
                    loop.giveBack(bytes);
                }
            }
            if (ready) {
                taken = 0;
            }
            pendingBytes = (long) taken + (gathered == null ? 0 : gathered.position());
            congested |= pendingBytes >= CONGESTION_BYTES;
        } catch (Throwable fault) {
            fail(fault);
        }
    }

    // The engine's side

    @Override
    public boolean isInLoop() {
        return loop.isTurnOfCaller();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public long pendingBytes() {
        return pendingBytes;
    }

    @Override
    public long gatheredBytes() {
        if (!isInLoop() || gathered == null) {
            return 0;
        }
        return Math.max(0, gathered.position() + taken - pendingBytes);
    }

    @Override
    public void whenFlushed(Runnable task) {
        if (ended) {
            return;
        }
        pump();
        if (pendingBytes == 0 && !ended) {
            task.run();
        } else {
            whenFlushed.add(task);
        }
    }

    @Override
    public boolean isCongested() {
        return pendingBytes >= CONGESTION_BYTES;
    }

    @Override
    public void setReading(boolean wanted) {
        if (reading != wanted) {
            reading = wanted;
            if (wanted) {
                loop.execute(this::read);
            }
        }
    }

    /** Servlets cannot half-close: once all is sent, what came meanwhile is dropped, so that closing does not reset. */
    @Override
    public void close() {
        if (closing || ended) {
            return;
        }
        closing = true;
        pump();
        if (pendingBytes == 0 && !ended) {
            drop();
            end(null);
        }
    }

    private void drop() {
        try {
            for (int i = 0; i < READS_A_TURN && !inputEnded; i++) {
                if (wire.read(loop.receiveBuffer()) <= 0) {
                    return;
                }
            }
        } catch (IOException gone) {
            LOGGER.log(System.Logger.Level.DEBUG, "the peer was gone before it was closed", gone);
        }
    }

    @Override
    public void abort() {
        end(null);
    }
}
