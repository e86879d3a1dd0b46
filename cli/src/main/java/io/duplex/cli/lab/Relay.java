package io.duplex.cli.lab;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A port before a server: passes TCP connections on, counts their bytes, and delays them as a network would. A segment that is
 * lost comes later by a retransmission, and so does all behind it.
 */
final class Relay implements AutoCloseable {
    /** Until TCP sends again what was lost, besides the round trip (RFC 6298, with the minimum that Linux has). */
    private static final long RETRANSMISSION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final InetSocketAddress target;
    private final Plan.Network network;
    private final Channel listening;
    private final LongAdder bytesUp = new LongAdder();
    private final LongAdder bytesDown = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final AtomicInteger open = new AtomicInteger();

    /** Listens on a free port of the loopback address, or of {@code host}. */
    Relay(EventLoopGroup group, InetAddress host, InetSocketAddress target, Plan.Network network) {
        this.target = target;
        this.network = network;
        this.listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        connect(client);
                    }
                })
                .bind(host, 0)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    long bytesUp() {
        return bytesUp.sum();
    }

    long bytesDown() {
        return bytesDown.sum();
    }

    long connections() {
        return connections.sum();
    }

    int openConnections() {
        return open.get();
    }

    private void connect(Channel client) {
        connections.increment();
        open.incrementAndGet();
        client.closeFuture().addListener(closed -> open.decrementAndGet());
        new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new Direction(client, bytesDown))
                .connect(target)
                .addListener((ChannelFutureListener) connected -> {
                    if (connected.isSuccess()) {
                        client.pipeline().addLast(new Direction(connected.channel(), bytesUp));
                        client.read();
                        connected.channel().read();
                    } else {
                        client.close();
                    }
                });
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
    }

    /** What comes on one side goes to the other, in order. */
    private final class Direction extends ChannelInboundHandlerAdapter {
        private final Channel to;
        private final LongAdder bytes;
        private long releaseNanos;

        Direction(Channel to, LongAdder bytes) {
            this.to = to;
            this.bytes = bytes;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            bytes.add(((ByteBuf) message).readableBytes());
            release(
                    context,
                    () -> to.writeAndFlush(message).addListener((ChannelFutureListener) written -> {
                        if (written.isSuccess()) {
                            context.read();
                        } else {
                            context.close();
                        }
                    }));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            release(context, to::close);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, @Nullable Throwable cause) {
            context.close();
        }

        private void release(ChannelHandlerContext context, Runnable task) {
            long delay = network.roundTrip().toNanos() / 2;
            if (network.loss() > 0 && ThreadLocalRandom.current().nextDouble() < network.loss()) {
                delay += RETRANSMISSION_NANOS + network.roundTrip().toNanos();
            }
            long now = System.nanoTime();
            if (delay == 0 && releaseNanos - now <= 0) {
                task.run();
                return;
            }
            releaseNanos = Math.max(now + delay, releaseNanos);
            context.executor().schedule(task, releaseNanos - now, TimeUnit.NANOSECONDS);
        }
    }
}
