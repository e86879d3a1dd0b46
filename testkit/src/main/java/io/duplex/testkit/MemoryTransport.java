package io.duplex.testkit;

import io.duplex.connection.Connection;
import io.duplex.connection.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One end of a TCP connection in memory, with water marks like a real one. Confined to the event loop. */
final class MemoryTransport implements Transport, MemoryPipe.Reader {
    private static final int HIGH_WATER_BYTES = 64 << 10;
    private static final int LOW_WATER_BYTES = 32 << 10;

    private final EventLoop loop;
    private final MemoryPipe in;
    private final MemoryPipe out;
    private @Nullable Connection connection;
    /** What the pipe has not taken yet, in writing mode. Others look at its position only, where an old value does no harm. */
    private ByteBuffer outgoing = ByteBuffer.allocate(256);

    private volatile boolean congested;
    /** Bytes that the pipe has taken so far. */
    private long taken;

    private final Queue<Mark> marks = new ArrayDeque<>(0);
    private boolean flushGiven;
    private boolean closing;
    private boolean outputEnded;
    private boolean inputEnded;
    private boolean gone;

    MemoryTransport(EventLoop loop, MemoryPipe in, MemoryPipe out) {
        this.loop = loop;
        this.in = in;
        this.out = out;
        in.reader(this);
        out.onRoom(this::flushLater);
    }

    /** What is to run once the pipe has taken so many bytes. */
    private record Mark(long bytes, Runnable task) {}

    void connection(Connection made) {
        connection = made;
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }

    // The network's side

    @Override
    public void onBytes(ByteBuffer bytes) {
        if (!gone) {
            connection().onReadable(bytes);
        }
    }

    @Override
    public void onEnd() {
        if (!gone) {
            inputEnded = true;
            connection().onEof();
            endIfDone();
        }
    }

    @Override
    public void onReset(IOException failure) {
        if (!gone) {
            gone = true;
            in.discard();
            outgoing.clear();
            connection().onTransportClosed(failure);
        }
    }

    private void endIfDone() {
        if (inputEnded && outputEnded && !gone) {
            gone = true;
            loop.execute(() -> connection().onTransportClosed(null));
        }
    }

    // The connection's side

    @Override
    public ByteBuffer room(int bytes) {
        if (outgoing.position() > LOW_WATER_BYTES) {
            pump();
        }
        if (outgoing.remaining() < bytes) {
            outgoing.flip();
            outgoing = ByteBuffer.allocate(2 * (outgoing.remaining() + bytes)).put(outgoing);
        }
        flushLater();
        return outgoing;
    }

    @Override
    public void write(ByteBuffer payload) {
        room(payload.remaining()).put(payload);
    }

    private void flushLater() {
        if (!flushGiven) {
            flushGiven = true;
            loop.execute(this::flush);
        }
    }

    /** Gives the pipe what it takes. */
    private void pump() {
        if (gone || outputEnded) {
            outgoing.clear();
        } else {
            outgoing.flip();
            out.offer(outgoing);
            taken += outgoing.position();
            outgoing.compact();
        }
        for (Mark mark; (mark = marks.peek()) != null && mark.bytes() <= taken; ) {
            marks.remove();
            if (!gone) {
                loop.execute(mark.task());
            }
        }
    }

    private void flush() {
        flushGiven = false;
        pump();
        if (closing && outgoing.position() == 0 && !outputEnded) {
            outputEnded = true;
            out.end();
            endIfDone();
        }
        if (congested && outgoing.position() <= LOW_WATER_BYTES) {
            congested = false;
            if (!gone) {
                connection().onWritable();
            }
        }
    }

    @Override
    public void whenFlushed(Runnable task) {
        marks.add(new Mark(taken + outgoing.position(), task));
        flushLater();
    }

    @Override
    public boolean isInLoop() {
        return loop.isInLoop();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public long pendingBytes() {
        return outgoing.position();
    }

    @Override
    public boolean isCongested() {
        if (outgoing.position() > HIGH_WATER_BYTES) {
            congested = true;
        }
        return congested;
    }

    @Override
    public void setReading(boolean wanted) {
        in.reading(wanted);
    }

    @Override
    public void close() {
        closing = true;
        flushLater();
    }

    @Override
    public void abort() {
        if (!gone) {
            gone = true;
            in.discard();
            outgoing.clear();
            out.reset();
            loop.execute(() -> connection().onTransportClosed(null));
        }
    }
}
