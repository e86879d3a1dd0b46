package io.duplex.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections as {@link EpollTransport}s on the socket of a listening channel, which Netty has let go of: its own way
 * makes a channel for each first. Confined to the channel's event loop.
 */
final class EpollAcceptor implements EpollIoHandle {
    private static final System.Logger LOGGER = System.getLogger(EpollAcceptor.class.getName());

    /** Connections that are accepted at most before those that are open have their turn. */
    static final int TURN_CONNECTIONS = 64;

    /**
     * Told again sooner than that, it keeps up with those who come if it accepts one at a time. To ask for one more than there are
     * costs as much as to accept one.
     */
    private static final long SOON_NANOS = 100_000;

    /** A length, an address of at most 16 bytes with its scope, and a port. */
    private static final int ADDRESS_BYTES = 26;

    private final LoopGroup loops;
    private final EpollServerSocketChannel listening;
    private final Socket socket;
    private final Function<? super SocketTransport, ? extends SocketListener> listeners;
    private final byte[] address = new byte[ADDRESS_BYTES];
    private @Nullable IoRegistration registration;
    /** When it was told last that connections wait. */
    private long toldNanos;

    /**
     * Creates what does not accept yet.
     *
     * @param listening not registered with its event loop any more
     * @param listeners makes who reads a new connection first
     */
    EpollAcceptor(
            LoopGroup loops,
            EpollServerSocketChannel listening,
            Function<? super SocketTransport, ? extends SocketListener> listeners) {
        this.loops = loops;
        this.listening = listening;
        this.socket = (Socket) listening.fd();
        this.listeners = listeners;
    }

    /** Accepts from now on, until the channel is closed. */
    void start() throws IOException {
        // Linux hands it down to what is accepted, which saves a system call for each.
        socket.setTcpNoDelay(true);
        IoRegistration begun =
                ((IoEventLoop) listening.eventLoop()).register(this).getNow();
        if (begun != null) {
            registration = begun;
            begun.submit(EpollIoOps.EPOLLIN);
            listening.closeFuture().addListener(closed -> begun.cancel());
        }
    }

    /** Whether to accept; when not, connections wait in the kernel. */
    void setAccepting(boolean wanted) {
        IoRegistration live = registration;
        if (live != null && live.isValid()) {
            live.submit(wanted ? EpollIoOps.EPOLLIN : EpollIoOps.EPOLLERR);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    /** How many to accept at most that long after it was told last. */
    static int wanted(long nanosSinceTold) {
        return nanosSinceTold < SOON_NANOS ? 1 : TURN_CONNECTIONS;
    }

    /**
     * As many as wait, up to a bound, or one if it was told a moment ago. One at a time, those who come would wait longest where
     * the loop has most to do. What waits behind them is told of again.
     */
    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        long nanos = System.nanoTime();
        int wanted = wanted(nanos - toldNanos);
        toldNanos = nanos;
        try {
            for (int i = 0; i < wanted; i++) {
                int accepted = socket.accept(address);
                if (accepted < 0) {
                    return;
                }
                open(new Socket(accepted), NativeInetAddress.address(address, 1, address[0]));
            }
        } catch (Throwable fault) {
            listening.pipeline().fireExceptionCaught(fault);
        }
    }

    private void open(Socket accepted, SocketAddress remote) throws IOException {
        EpollTransport transport;
        try {
            transport = new EpollTransport(loops.next(), accepted, remote);
            transport.listener(listeners.apply(transport));
        } catch (Throwable fault) {
            accepted.close();
            LOGGER.log(System.Logger.Level.WARNING, "a connection could not be set up", fault);
            return;
        }
        transport.open();
    }

    @Override
    public void close() {}
}
