package io.duplex.transport;

import io.duplex.connection.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection, with TLS or without, from the first byte to the last. Confined to the event loop, but for what
 * {@link Transport} says.
 *
 * <p>Plain sockets are written to at once, without a queue; what the socket does not take is copied and queued.
 */
public abstract sealed class SocketTransport implements Transport permits ChannelTransport, EpollTransport {
    private static final System.Logger LOGGER = System.getLogger(SocketTransport.class.getName());

    private final SocketLoop loop;
    private final int corkBytes;
    private SocketListener listener = SocketListener.NONE;
    private @Nullable Throwable failure;

    /** Bytes that were queued and that the operating system has yet to take; written by the loop alone. */
    private volatile long queuedBytes;

    private boolean inTurn;
    boolean reading = true;
    boolean inputEnded;
    boolean closing;
    boolean outputEnded;

    /** Neighbours in the loop's list of its transports. */
    @Nullable SocketTransport previous;

    @Nullable SocketTransport next;

    SocketTransport(SocketLoop loop, int corkBytes) {
        this.loop = loop;
        this.corkBytes = corkBytes;
    }

    /** How much it gathers at most before it writes. */
    final int corkBytes() {
        return corkBytes;
    }

    /** The loop that this transport lives on. */
    public final SocketLoop loop() {
        return loop;
    }

    /** Who reads from now on. */
    public final void listener(SocketListener reader) {
        listener = reader;
    }

    /** Who reads now. */
    public final SocketListener listener() {
        return listener;
    }

    /** The address of the other end. */
    public abstract SocketAddress remoteAddress();

    /**
     * Puts a handler before all others, TLS too. To be called before the first byte comes.
     *
     * @throws IllegalStateException if the transport was made without a pipeline
     */
    public void addFirst(ChannelHandler handler) {
        throw withoutPipeline();
    }

    /**
     * Puts TLS around all that follows, inside of the TLS that may be there already. {@link SocketListener#onConnected} tells
     * when it is established. Whoever connects has to have said that it would follow.
     *
     * @throws IllegalStateException if the transport was made without a pipeline
     */
    public void startTls(SslHandler handler) {
        throw withoutPipeline();
    }

    private static IllegalStateException withoutPipeline() {
        return new IllegalStateException("transport has no pipeline");
    }

    /** Whether TLS is in use. */
    public boolean isSecure() {
        return false;
    }

    /** The certificates that the other end showed, its own first; empty without TLS, or if it showed none. */
    public List<X509Certificate> peerCertificates() {
        return List.of();
    }

    /** Writes all of {@code pieces} in one call, and consumes them; queues a copy of what the socket does not take. */
    abstract void send(ByteBuffer[] pieces);

    /**
     * Writes {@code bytes}, and consumes them; queues a copy of what the socket does not take.
     *
     * @param memory the memory behind it, if it begins where {@code bytes} does
     */
    abstract void send(ByteBuffer bytes, @Nullable ByteBuf memory);

    /** Closes the socket, for {@link #failure}. */
    abstract void end();

    // Turns

    final boolean isInTurn() {
        return inTurn;
    }

    /** What is sent from now on leaves at {@link #endTurn}, in one write. */
    final void beginTurn() {
        inTurn = true;
    }

    final void endTurn() {
        loop.cork().flush(this);
        inTurn = false;
    }

    /** Runs a callback so that what it sends leaves in one write, and what it throws ends the connection. */
    public final void turn(Runnable callback) {
        boolean nested = inTurn;
        inTurn = true;
        try {
            callback.run();
        } catch (Throwable fault) {
            fail(fault);
        } finally {
            if (!nested) {
                endTurn();
            }
        }
    }

    /** Hands {@code in} to the listener, and what it leaves to the listener that it put in its place. */
    @SuppressWarnings("ReferenceEquality") // one listener, not an equal one
    public final void deliver(ByteBuffer in) {
        SocketListener reader;
        do {
            reader = listener;
            reader.onReadable(in);
        } while (in.hasRemaining() && reader != listener);
    }

    // Failures

    /** What ended the connection; {@code null} if nothing did, or in the ordinary way. */
    final @Nullable Throwable failure() {
        return failure;
    }

    final void fail(Throwable fault) {
        note(fault);
        end();
    }

    /** Cuts, as there is no memory for what waits to be sent: the budget, or the JVM, has said so in the log. */
    final void runOut(OutOfMemoryError full) {
        note(new IOException("no memory for what waits to be sent", full));
        abort();
    }

    final void note(Throwable fault) {
        if (failure == null) {
            failure = fault;
            if (!(fault instanceof IOException)) {
                LOGGER.log(System.Logger.Level.WARNING, "connection from " + remoteAddress() + " failed", fault);
            }
        }
    }

    // The engine's side

    @Override
    public final ByteBuffer room(int bytes) {
        return loop.cork().room(this, bytes);
    }

    @Override
    public void write(ByteBuffer payload) {
        if (payload.isDirect()) {
            loop.cork().flushWith(this, payload);
        } else {
            gather(payload);
        }
    }

    /** Copies {@code payload} behind what was gathered, and writes whenever that is full. */
    final void gather(ByteBuffer payload) {
        while (payload.hasRemaining()) {
            ByteBuffer room = room(1);
            int length = Math.min(room.remaining(), payload.remaining());
            room.put(room.position(), payload, payload.position(), length).position(room.position() + length);
            payload.position(payload.position() + length);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
    final void countQueued(long change) {
        queuedBytes += change;
    }

    @Override
    public final boolean isInLoop() {
        return loop.eventLoop().inEventLoop();
    }

    @Override
    public final void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public final long pendingBytes() {
        return queuedBytes;
    }

    @Override
    public final long gatheredBytes() {
        return isInLoop() ? loop.cork().gathered(this) : 0;
    }
}
