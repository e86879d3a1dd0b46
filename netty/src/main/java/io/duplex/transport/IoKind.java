package io.duplex.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A way of talking to the operating system's sockets. */
public enum IoKind {
    /** Linux's io_uring: by choice, where the kernel allows it. */
    IO_URING,
    /** Linux's epoll: the default there. */
    EPOLL,
    /** The JDK's own: everywhere. */
    NIO;

    /**
     * How many sockets epoll tells of at a time. With thousands, what the kernel touched of the first to tell of it would be out
     * of the cache again when it is read.
     */
    private static final int EPOLL_EVENTS = 128;

    /** The best that this machine has. */
    public static IoKind best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /**
     * The kind of the given name: {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}.
     *
     * @throws IllegalArgumentException if there is no such kind, or this machine does not have it
     */
    public static IoKind parse(String name) {
        if (name.equals("auto")) {
            return best();
        }
        for (IoKind kind : values()) {
            if (kind.label().equals(name)) {
                kind.require();
                return kind;
            }
        }
        throw new IllegalArgumentException("no I/O kind '" + name + "', choose auto, io_uring, epoll or nio");
    }

    /** The name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Checks that this machine has it.
     *
     * @throws IllegalArgumentException if not, with the reason
     */
    public void require() {
        Throwable missing = unavailabilityCause();
        if (missing != null) {
            throw new IllegalArgumentException(label() + " is not available: " + missing.getMessage(), missing);
        }
    }

    private @Nullable Throwable unavailabilityCause() {
        return switch (this) {
            case IO_URING -> UringBuffers.unavailabilityCause();
            case EPOLL -> Epoll.unavailabilityCause();
            case NIO -> null;
        };
    }

    IoHandlerFactory handlerFactory() {
        return switch (this) {
            case IO_URING -> UringBuffers.handlerFactory();
            case EPOLL -> EpollIoHandler.newFactory(EPOLL_EVENTS, DefaultSelectStrategyFactory.INSTANCE);
            case NIO -> NioIoHandler.newFactory();
        };
    }

    /** What makes a channel to listen on {@code local}; one for IPv4 if the address is, which costs the kernel less a message. */
    ChannelFactory<ServerChannel> serverChannel(SocketAddress local) {
        boolean unix = !(local instanceof InetSocketAddress);
        boolean ipv4 = local instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address;
        return switch (this) {
            case IO_URING -> unix ? IoUringServerDomainSocketChannel::new : IoUringServerSocketChannel::new;
            case EPOLL ->
                unix
                        ? EpollServerDomainSocketChannel::new
                        : () -> ipv4
                                ? new EpollServerSocketChannel(SocketProtocolFamily.INET)
                                : new EpollServerSocketChannel();
            case NIO -> unix ? NioServerDomainSocketChannel::new : NioServer::new;
        };
    }

    Class<? extends Channel> clientChannel(boolean unix) {
        return switch (this) {
            case IO_URING -> unix ? IoUringDomainSocketChannel.class : IoUringSocketChannel.class;
            case EPOLL -> unix ? EpollDomainSocketChannel.class : EpollSocketChannel.class;
            case NIO -> unix ? NioDomainSocketChannel.class : NioSocket.class;
        };
    }

    /** The address of a Unix domain socket, in the form that the channels of this kind take. */
    public SocketAddress unixAddress(Path path) {
        return this == NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path.toString());
    }
}
