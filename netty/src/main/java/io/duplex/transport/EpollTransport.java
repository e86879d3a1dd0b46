package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * An accepted TCP connection straight on an event loop's epoll, without a channel: no pipeline, configuration and promises,
 * which are more than half of what an idle connection takes, and most of what opening one costs. Level-triggered: what is not
 * read now is told of again. Confined to the event loop, but for what {@link SocketTransport} says.
 *
 * <p>{@link NotYetConnectedException} is what Netty makes of a socket that the peer has reset.
 */
final class EpollTransport extends SocketTransport implements EpollIoHandle {
    private static final System.Logger LOGGER = System.getLogger(EpollTransport.class.getName());

    /** Errors are told of in any case, but one bit has to stand: with none, Netty forgets the socket. */
    private static final EpollIoOps ENDED = EpollIoOps.EPOLLERR;
    /** The end of the input is told of even when reading is off: the peer may be gone. Bytes before it are left for later. */
    private static final EpollIoOps SILENT = ENDED.with(EpollIoOps.EPOLLRDHUP);

    private static final EpollIoOps READING = SILENT.with(EpollIoOps.EPOLLIN);

    /** What is not of data: the peer's end, or an error. */
    private static final int END = ~(EpollIoOps.EPOLLIN.value() | EpollIoOps.EPOLLOUT.value());

    /** A read that is made only to find the end, while reading is off. */
    private static final int LAST_READ_BYTES = 4 << 10;

    /** As Linux numbers them; Netty has TCP_CORK for channels only. */
    private static final int IPPROTO_TCP = 6;

    private static final int TCP_CORK = 3;

    private final Socket socket;
    private final SocketAddress remoteAddress;
    private @Nullable IoRegistration registration;
    private @Nullable UnsentBytes unsent;
    /** Whether the peer has ended its side behind bytes that are not to be read yet. */
    private boolean endAwaited;

    private boolean ended;
    private volatile boolean congested;

    EpollTransport(SocketLoop loop, Socket socket, SocketAddress remoteAddress) {
        super(loop, Cork.ACCEPTED_BYTES);
        this.socket = socket;
        this.remoteAddress = remoteAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Begins to read, on the loop's thread. Thread-safe. */
    void open() {
        if (isInLoop()) {
            register();
        } else if (!loop().tryExecute(this::register)) {
            closeSocket();
        }
    }

    private void register() {
        registration = ((IoEventLoop) loop().eventLoop()).register(this).getNow();
        if (registration == null) {
            LOGGER.log(System.Logger.Level.DEBUG, "a connection came after the end of its event loop");
            closeSocket();
            return;
        }
        loop().add(this);
        watch();
        turn(listener()::onActive);
        if (!ended) {
            turn(listener()::onConnected);
        }
    }

    // Epoll's side

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    /** The loop has let go of it: if that is not our doing, the loop ends. */
    @Override
    public void unregistered() {
        end();
    }

    /*
     * One long method: longer than the 325 bytecodes from which the JIT compiler leaves a method by itself. Each of its callers
     * would else be compiled with the engine and the handshake inside, and in the first seconds of a server that takes as much
     * CPU as all else.
     */
    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        int ops = ((EpollIoEvent) event).ops().value();
        UnsentBytes queue = unsent;
        if (queue != null && (ops & EpollIoOps.EPOLLOUT.value()) != 0) {
            try {
                while (queue.bytes() > 0) {
                    ByteBuf first = queue.first();
                    int from = first.readerIndex();
                    int to = first.writerIndex();
                    int written = first.hasMemoryAddress()
                            ? socket.sendAddress(first.memoryAddress(), from, to)
                            : socket.send(first.nioBuffer(from, to - from), 0, to - from);
                    if (written <= 0) {
                        break;
                    }
                    queue.take(written);
                    countQueued(-written);
                }
            } catch (IOException | NotYetConnectedException e) {
                fail(e);
            }
            relieve(queue);
        }
        boolean wanted = reading;
        if (ended || (ops & (wanted ? ~EpollIoOps.EPOLLOUT.value() : END)) == 0) {
            return;
        }
        int length = 0;
        beginTurn();
        try {
            ReceiveBuffer receive = loop().receiveBuffer();
            ByteBuf bytes = receive.allocate(LoopGroup.ALLOCATOR);
            try {
                int room = wanted ? bytes.capacity() : LAST_READ_BYTES;
                length = bytes.hasMemoryAddress()
                        ? socket.recvAddress(bytes.memoryAddress(), 0, room)
                        : socket.recv(bytes.nioBuffer(0, room), 0, room);
                if (length > 0) {
                    deliver(receive.content(bytes.writerIndex(length)));
                }
            } finally {
                bytes.release();
            }
        } catch (Throwable fault) {
            length = 0;
            fail(fault);
        } finally {
            endTurn();
        }
        if (length < 0) {
            endInput();
        } else if (!wanted && !reading && !endAwaited) {
            endAwaited = true;
            watch();
        }
    }

    /** Tells epoll what to tell of. */
    private void watch() {
        IoRegistration live = registration;
        if (live != null && !ended) {
            EpollIoOps wanted = inputEnded ? ENDED : reading ? READING : endAwaited ? ENDED : SILENT;
            try {
                live.submit(unsent == null ? wanted : wanted.with(EpollIoOps.EPOLLOUT));
            } catch (UncheckedIOException e) {
                fail(new IOException("epoll does not take the socket", e));
            }
        }
    }

    private void endInput() {
        if (inputEnded) {
            // Told of once more: the peer has reset what it had only half closed.
            end();
            return;
        }
        inputEnded = true;
        turn(listener()::onEof);
        if (outputEnded) {
            end();
        } else {
            watch();
        }
    }

    @Override
    public void setReading(boolean wanted) {
        if (reading != wanted) {
            reading = wanted;
            endAwaited = false;
            watch();
        }
    }

    // Writing

    @Override
    void send(ByteBuffer[] pieces) {
        if (isWritable()) {
            try {
                long written = socket.writev(pieces, 0, pieces.length, Long.MAX_VALUE);
                for (ByteBuffer piece : pieces) {
                    int taken = (int) Math.min(Math.max(written, 0), piece.remaining());
                    piece.position(piece.position() + taken);
                    written -= taken;
                }
            } catch (IOException | NotYetConnectedException e) {
                fail(e);
            }
        }
        for (ByteBuffer piece : pieces) {
            queue(piece);
        }
    }

    @Override
    void send(ByteBuffer bytes, @Nullable ByteBuf memory) {
        if (isWritable()) {
            int from = bytes.position();
            try {
                int written = memory != null && memory.hasMemoryAddress()
                        ? socket.sendAddress(memory.memoryAddress(), from, bytes.limit())
                        : socket.send(bytes, from, bytes.limit());
                bytes.position(from + Math.max(written, 0));
            } catch (IOException | NotYetConnectedException e) {
                fail(e);
            }
        }
        queue(bytes);
    }

    private boolean isWritable() {
        return unsent == null && !outputEnded && !ended;
    }

    /** Keeps a copy of {@code bytes}, which are consumed, if anything will leave any more. */
    private void queue(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length == 0 || outputEnded || ended) {
            bytes.position(bytes.limit());
            return;
        }
        UnsentBytes queue = unsent == null ? new UnsentBytes(loop().core().sendBudget()) : unsent;
        try {
            queue.add(bytes);
        } catch (OutOfMemoryError full) {
            // Who does not read pays for it, not who happens to send to it.
            countQueued(length - bytes.remaining());
            bytes.position(bytes.limit());
            unsent = queue;
            runOut(full);
            return;
        }
        countQueued(length);
        congested |= queue.bytes() > LoopGroup.CONGESTED_BYTES;
        if (unsent == null) {
            unsent = queue;
            watch();
        }
    }

    private void relieve(UnsentBytes queue) {
        if (ended) {
            return;
        }
        if (queue.bytes() == 0) {
            unsent = null;
            watch();
        }
        turn(queue::runDue);
        if (congested && pendingBytes() < LoopGroup.RELIEVED_BYTES) {
            congested = false;
            turn(listener()::onWritable);
        }
        if (unsent == null && closing && !ended && !outputEnded) {
            endOutput();
        }
    }

    @Override
    public boolean isCongested() {
        return congested;
    }

    @Override
    public void whenFlushed(Runnable task) {
        loop().cork().flush(this);
        UnsentBytes queue = unsent;
        if (queue != null) {
            queue.await(task);
        } else if (!ended) {
            task.run();
        }
    }

    // Closing

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            // The last bytes leave with the end of the output: one segment instead of two, for both sides to deal with.
            boolean corked = gatheredBytes() > 0 && isWritable() && !inputEnded;
            if (corked) {
                cork(1);
            }
            loop().cork().flush(this);
            if (unsent == null && !ended) {
                endOutput();
            }
            if (corked && !ended) {
                cork(0); // Linux has sent all by now; what only looks like Linux might not
            }
        }
    }

    private void cork(int corked) {
        try {
            socket.setIntOpt(IPPROTO_TCP, TCP_CORK, corked);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "TCP_CORK was not set", e);
        }
    }

    private void endOutput() {
        if (inputEnded) {
            end();
            return;
        }
        outputEnded = true;
        try {
            socket.shutdown(false, true);
        } catch (IOException | NotYetConnectedException gone) {
            end();
        }
    }

    @Override
    public void abort() {
        if (!ended) {
            try {
                // With RST, so that the kernel forgets what the peer does not read.
                socket.setSoLinger(0);
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "the socket is gone already", e);
            }
            end();
        }
    }

    @Override
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        congested = false;
        UnsentBytes queue = unsent;
        if (queue != null) {
            unsent = null;
            countQueued(-queue.bytes());
            queue.release();
        }
        // First, for epoll forgets a closed socket by itself.
        closeSocket();
        forget();
        // Later: this may come from within a call that a callback makes.
        loop().execute(() -> {
            turn(() -> listener().onClosed(failure()));
            loop().remove(this);
        });
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "closing a socket failed", e);
        }
    }

    private void forget() {
        IoRegistration live = registration;
        if (live != null) {
            registration = null;
            live.cancel();
        }
    }
}
