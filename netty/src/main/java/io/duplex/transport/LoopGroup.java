package io.duplex.transport;

import io.duplex.tls.TlsProvider;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The event loops of a server or of clients, and the making of channels on them. Thread-safe. */
public final class LoopGroup {
    private static final System.Logger LOGGER = System.getLogger(LoopGroup.class.getName());

    static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    /**
     * Between these two amounts of unsent bytes a connection counts as congested, or no longer so. The socket's own buffer is as
     * big and bigger, so that a peer that reads again never waits for us; and thousands may be congested at the same time.
     */
    static final int CONGESTED_BYTES = 32 << 10;

    static final int RELIEVED_BYTES = 16 << 10;

    private static final WriteBufferWaterMark CONGESTION = new WriteBufferWaterMark(RELIEVED_BYTES, CONGESTED_BYTES);

    private static final int BACKLOG = 4096;
    private static final int URING_READ_BYTES = 64 << 10;
    /** A TLS record and a little more. A peer that sends half a record has its buffer held: it must be no bigger. */
    private static final int TLS_READ_BYTES = 18 << 10;

    private static final long ACCEPT_PAUSE_MILLIS = 1000;
    private static final long LOOK_AGAIN_MILLIS = 10;
    private static final long MARGIN_MILLIS = 1000;
    private static final long SHUTDOWN_MILLIS = 2000;

    private final IoKind kind;
    private final MultiThreadIoEventLoopGroup group;
    private final List<SocketLoop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * Starts event loops.
     *
     * @param threads at least 1
     * @param name the prefix of the threads' names
     * @param daemon whether the JVM may end while they run
     */
    public LoopGroup(IoKind kind, int threads, String name, boolean daemon) {
        kind.require();
        this.kind = kind;
        this.group =
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, daemon), kind.handlerFactory());
        SecureRandom random = new SecureRandom();
        for (EventExecutor executor : group) {
            loops.add(new SocketLoop((EventLoop) executor, random, MemoryBudget.INFLATING_BYTES / threads));
        }
    }

    /** How the loops talk to sockets. */
    public IoKind kind() {
        return kind;
    }

    /** The loops. */
    public List<SocketLoop> loops() {
        return List.copyOf(loops);
    }

    /**
     * A bootstrap whose accepted connections get a transport each. Connections are spread over the loops in turn.
     *
     * @param local where it is to listen: an {@link InetSocketAddress} or an {@link IoKind#unixAddress}
     * @param piped whether {@link SocketTransport#addFirst} may be called
     * @param tls {@code null} for none
     * @param listeners makes who reads a new connection first
     */
    public ServerBootstrap server(
            SocketAddress local,
            boolean piped,
            @Nullable TlsContext tls,
            Duration tlsTimeout,
            Function<? super SocketTransport, ? extends SocketListener> listeners) {
        ServerBootstrap bootstrap = new ServerBootstrap();
        if (local instanceof InetSocketAddress) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        }
        return bootstrap
                .group(group)
                .channelFactory(kind.serverChannel(local))
                .localAddress(local)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handler(new Acceptor(piped, tls, tlsTimeout, listeners))
                .childHandler(new ChannelInboundHandlerAdapter());
    }

    /** Whether connections need no channel of Netty's. */
    private boolean isDirect(@Nullable TlsContext tls, boolean piped) {
        return kind == IoKind.EPOLL && tls == null && !piped;
    }

    /** Takes the place of Netty's own acceptor, which costs a channel initializer for each connection. */
    private final class Acceptor extends ChannelInboundHandlerAdapter {
        private final boolean piped;
        private final @Nullable TlsContext tls;
        private final Duration tlsTimeout;
        private final Function<? super SocketTransport, ? extends SocketListener> listeners;
        /** {@code null} where Netty accepts. */
        private @Nullable EpollAcceptor direct;

        Acceptor(
                boolean piped,
                @Nullable TlsContext tls,
                Duration tlsTimeout,
                Function<? super SocketTransport, ? extends SocketListener> listeners) {
            this.piped = piped;
            this.tls = tls;
            this.tlsTimeout = tlsTimeout;
            this.listeners = listeners;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (context.channel() instanceof EpollServerSocketChannel listening && isDirect(tls, piped)) {
                EpollAcceptor acceptor = new EpollAcceptor(LoopGroup.this, listening, listeners);
                direct = acceptor;
                listening.deregister().addListener(done -> acceptor.start());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Channel accepted = (Channel) message;
            SocketLoop loop = next();
            try {
                SslHandler tlsHandler = tls == null ? null : tls.serverHandler();
                ChannelTransport transport = attach(accepted, loop, tlsHandler, tlsTimeout);
                if (tls != null && tls.provider() == TlsProvider.JDK) {
                    transport.addFirst(new RenegotiationGuard());
                }
                transport.listener(listeners.apply(transport));
            } catch (Throwable fault) {
                accepted.unsafe().closeForcibly();
                LOGGER.log(System.Logger.Level.WARNING, "a connection could not be set up", fault);
                return;
            }
            if (kind == IoKind.EPOLL) {
                // So that the socket is watched for input as soon as it is watched at all: one system call less.
                accepted.unsafe().beginRead();
            }
            // A channel that cannot be registered is closed by Netty.
            accepted.unsafe().register(loop.eventLoop(), accepted.voidPromise());
        }

        /** Accepting failed, most often for want of file handles: trying again at once would fail, too, and burn the CPU. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable fault) {
            LOGGER.log(System.Logger.Level.WARNING, "accepting a connection failed: " + fault);
            ChannelConfig config = context.channel().config();
            if (config.isAutoRead()) {
                setAccepting(config, false);
                context.executor()
                        .schedule(() -> setAccepting(config, true), ACCEPT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void setAccepting(ChannelConfig config, boolean wanted) {
            config.setAutoRead(wanted);
            if (direct != null) {
                direct.setAccepting(wanted);
            }
        }
    }

    /** The loop whose turn it is to get a connection. */
    public SocketLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /**
     * Connects to {@code remote}, an {@link InetSocketAddress} or an {@link IoKind#unixAddress}. What becomes of it is said by the
     * future, and by the listener once it is connected. Who loses patience closes the future's channel.
     *
     * @param loop one of this group's
     * @param tlsFollows whether {@link SocketTransport#startTls} may be called
     * @param timeout zero for none
     * @param listeners makes who reads the connection first
     */
    public ChannelFuture connect(
            SocketLoop loop,
            SocketAddress remote,
            boolean tlsFollows,
            Duration timeout,
            Function<? super SocketTransport, ? extends SocketListener> listeners) {
        return new Bootstrap()
                .group(loop.eventLoop())
                .channel(kind.clientChannel(!(remote instanceof InetSocketAddress)))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE))
                .handler(new ClientSetup(loop, tlsFollows, listeners))
                .connect(remote);
    }

    /** Sets up one channel as soon as it is registered. */
    private final class ClientSetup extends ChannelInboundHandlerAdapter {
        private final SocketLoop loop;
        private final boolean tlsFollows;
        private final Function<? super SocketTransport, ? extends SocketListener> listeners;

        ClientSetup(
                SocketLoop loop,
                boolean tlsFollows,
                Function<? super SocketTransport, ? extends SocketListener> listeners) {
            this.loop = loop;
            this.tlsFollows = tlsFollows;
            this.listeners = listeners;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            configure(kind, context.channel(), loop, tlsFollows);
            ChannelTransport transport = new ChannelTransport(loop, Cork.OPENED_BYTES, context.channel(), null);
            context.pipeline().addLast(transport);
            transport.listener(listeners.apply(transport));
            context.pipeline().remove(this);
        }
    }

    /**
     * Takes over a socket that another server has accepted, for a group of kind {@link IoKind#NIO}. What becomes of it is said by
     * the listener, {@link SocketListener#onClosed} even if the loops have ended.
     *
     * @param listeners makes who reads the socket
     */
    void adopt(SocketChannel socket, Function<? super SocketTransport, ? extends SocketListener> listeners) {
        SocketLoop loop = next();
        NioSocket channel = new NioSocket(null, socket);
        SocketTransport transport = attach(channel, loop, null, Duration.ZERO);
        SocketListener listener = listeners.apply(transport);
        transport.listener(listener);
        ChannelPromise registered = channel.newPromise();
        registered.addListener(done -> {
            if (!done.isSuccess()) {
                listener.onClosed(done.cause());
            }
        });
        // From the loop's thread: what cannot be registered would be told to nobody by a loop that has ended.
        if (!loop.tryExecute(() -> channel.unsafe().register(loop.eventLoop(), registered))) {
            channel.unsafe().closeForcibly();
            listener.onClosed(new ClosedChannelException());
        }
    }

    private ChannelTransport attach(Channel channel, SocketLoop loop, @Nullable SslHandler tls, Duration tlsTimeout) {
        configure(kind, channel, loop, tls != null);
        if (tls != null) {
            tls.setHandshakeTimeoutMillis(tlsTimeout.toMillis());
            channel.pipeline().addLast(tls);
        }
        ChannelTransport transport = new ChannelTransport(loop, Cork.ACCEPTED_BYTES, channel, tls);
        channel.pipeline().addLast(transport);
        return transport;
    }

    private static void configure(IoKind kind, Channel channel, SocketLoop loop, boolean isForTls) {
        ChannelConfig config = channel.config();
        config.setAllocator(ALLOCATOR);
        // TCP_NODELAY is Netty's default.
        ((DuplexChannelConfig) config).setAllowHalfClosure(true);
        config.setWriteBufferWaterMark(CONGESTION);
        if (isForTls) {
            config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(TLS_READ_BYTES));
        } else if (kind == IoKind.IO_URING) {
            UringBuffers.use(channel);
            config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(URING_READ_BYTES));
        } else {
            config.setRecvByteBufAllocator(loop.receiveBuffer());
        }
    }

    /**
     * Checks that the calling thread may wait for the loops.
     *
     * @param call what waits, for the message
     * @throws IllegalStateException if it is one of theirs, which would wait for itself
     */
    public void requireOutside(String call) {
        if (!isOutside()) {
            throw new IllegalStateException(call + " waits, so it must not be called by a handler: use another thread");
        }
    }

    /** Whether the calling thread is none of the loops' threads. */
    public boolean isOutside() {
        return loops.stream().noneMatch(loop -> loop.eventLoop().inEventLoop());
    }

    /** Calls {@code action} for each transport, on its loop's thread. */
    private void forEachTransport(Consumer<? super SocketTransport> action) {
        for (SocketLoop loop : loops) {
            loop.eventLoop().execute(() -> loop.forEach(action));
        }
    }

    /**
     * Asks every connection to end and waits until none is left.
     *
     * @param closeTimeout that of the connections, by which each cuts itself; a little later this stops waiting. Zero for no
     *     limit
     */
    public void drain(Duration closeTimeout) {
        forEachTransport(transport -> transport.listener().onShutdown());
        List<CompletableFuture<Void>> empty = new ArrayList<>();
        for (SocketLoop loop : loops) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            loop.eventLoop().execute(() -> completeWhenEmpty(loop, done));
            empty.add(done);
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(empty.toArray(new CompletableFuture<?>[0]));
        try {
            if (closeTimeout.isZero()) {
                all.join();
            } else {
                all.orTimeout(closeTimeout.toMillis() + MARGIN_MILLIS, TimeUnit.MILLISECONDS)
                        .join();
            }
        } catch (CompletionException e) {
            empty.forEach(done -> done.cancel(false));
            LOGGER.log(System.Logger.Level.INFO, "some connections did not close in time and are cut");
        }
    }

    private static void completeWhenEmpty(SocketLoop loop, CompletableFuture<Void> done) {
        if (loop.isEmpty()) {
            done.complete(null);
        } else if (!done.isDone()) {
            loop.eventLoop().schedule(() -> completeWhenEmpty(loop, done), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Returns when all that was given to the loops before has been done. */
    public void awaitTurn() {
        CountDownLatch turns = new CountDownLatch(loops.size());
        for (SocketLoop loop : loops) {
            if (!loop.tryExecute(turns::countDown)) {
                turns.countDown();
            }
        }
        boolean interrupted = false;
        while (true) {
            try {
                if (!turns.await(SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS)) {
                    LOGGER.log(System.Logger.Level.WARNING, "an event loop is stuck");
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts what connections are left, ends the loops and gives back their memory; waits for it, but not for long. */
    public void shutdown() {
        forEachTransport(SocketTransport::abort);
        group.shutdownGracefully(0, SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(SHUTDOWN_MILLIS + 1000);
        if (group.isTerminated()) {
            loops.forEach(SocketLoop::release);
        }
    }
}
