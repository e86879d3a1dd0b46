package io.duplex.connection;

import io.duplex.protocol.Outgoing;

/**
 * The transport connection below a {@link Connection}: a socket, a stream of HTTP/2, a pipe in memory. Its event loop is the
 * only thread that calls it, but for {@link #isInLoop}, {@link #execute}, {@link #pendingBytes}, {@link #overheadBytes},
 * {@link #gatheredBytes} and {@link #isCongested}, which are thread-safe.
 *
 * <p>What was put into {@link Outgoing} leaves by itself at the end of the loop's turn; a transport may write earlier, and
 * should once much is gathered, so that a turn that sends much does not look like a peer that does not read. No method
 * throws, nor calls an {@code on...} method of the {@link Connection} before it returns: those are called in turns of their
 * own, never from within a call that the connection makes.
 */
public interface Transport extends Outgoing {
    /** Whether the calling thread is the event loop's. */
    boolean isInLoop();

    /** Runs a task on the event loop, after those given before. */
    void execute(Runnable task);

    /** Bytes that were taken but that the operating system has yet to take, apart from {@link #gatheredBytes}. */
    long pendingBytes();

    /** Bytes that this turn has gathered and that will be written at its end, or before; 0 on other threads. */
    default long gatheredBytes() {
        return 0;
    }

    /**
     * Runs {@code task} on the event loop once the operating system has taken all that was put in before, be it at once; never
     * if the connection ends first.
     */
    void whenFlushed(Runnable task);

    /** Whether so many bytes are pending that more should wait; {@link Connection#onWritable} tells when it is over. */
    @Override
    boolean isCongested();

    /**
     * How many seconds longer than others the peer may let something wait while memory is short, as it takes what it is sent
     * without a sign of it before the end.
     */
    default int patienceSeconds() {
        return 0;
    }

    /** Memory for what is pending besides {@link #pendingBytes}, as each write takes some; it counts for limits. */
    default long overheadBytes() {
        return 0;
    }

    /** Whether to read; when not, TCP slows the peer down. A transport reads until it is told not to. */
    void setReading(boolean reading);

    /**
     * Closes cleanly (RFC 6455 §7.1.1): sends what is pending, half-closes, reads and drops until the peer closes. The
     * {@link Connection}'s close timeout bounds it. {@link Connection#onTransportClosed} follows.
     */
    void close();

    /** Closes at once, dropping what is pending. {@link Connection#onTransportClosed} follows. */
    void abort();
}
