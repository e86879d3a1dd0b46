package io.duplex.benchmarks.peer;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Netty with its own WebSocket codec, as its examples set it up: one event loop, frames echoed as they come, without
 * assembling messages, and flushed once a batch of reads. A slow reader is not read from.
 */
final class NettyEcho {
    private static final int MAX_REQUEST_BYTES = 65536;

    private NettyEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, handlers(options.io()));
        ChannelGroup subscribers = new DefaultChannelGroup(loops.next());
        SslContext tls = null;
        if (options.tls()) {
            PeerCertificate certificate = PeerCertificate.create();
            tls = SslContextBuilder.forServer(
                            certificate.chain().toFile(), certificate.key().toFile())
                    .build();
        }
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(channels(options.io()))
                .option(ChannelOption.SO_BACKLOG, PeerOptions.BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline(tls, subscribers))
                .bind(PeerOptions.HOST, options.port())
                .sync()
                .channel();
        options.listening(((InetSocketAddress) listening.localAddress()).getPort());
        listening.closeFuture().sync();
    }

    private static IoHandlerFactory handlers(String io) {
        return switch (io) {
            case "epoll" -> EpollIoHandler.newFactory();
            case "io_uring" -> IoUringIoHandler.newFactory();
            default -> NioIoHandler.newFactory();
        };
    }

    private static Class<? extends ServerChannel> channels(String io) {
        return switch (io) {
            case "epoll" -> EpollServerSocketChannel.class;
            case "io_uring" -> IoUringServerSocketChannel.class;
            default -> NioServerSocketChannel.class;
        };
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        private final WebSocketServerProtocolConfig config = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/")
                .checkStartsWith(true)
                .allowExtensions(true)
                .maxFramePayloadLength(PeerOptions.MAX_MESSAGE_BYTES)
                .build();
        private final @Nullable SslContext tls;
        private final ChannelGroup subscribers;

        Pipeline(@Nullable SslContext tls, ChannelGroup subscribers) {
            this.tls = tls;
            this.subscribers = subscribers;
        }

        @Override
        protected void initChannel(Channel channel) {
            ChannelPipeline pipeline = channel.pipeline();
            if (tls != null) {
                pipeline.addLast(tls.newHandler(channel.alloc()));
            }
            pipeline.addLast(
                    new HttpServerCodec(),
                    new HttpObjectAggregator(MAX_REQUEST_BYTES),
                    new WebSocketServerCompressionHandler(0),
                    new WebSocketServerProtocolHandler(config),
                    new Echo(subscribers));
        }
    }

    private static class Endpoint extends ChannelInboundHandlerAdapter {
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static final class Echo extends Endpoint {
        private final ChannelGroup subscribers;

        Echo(ChannelGroup subscribers) {
            this.subscribers = subscribers;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete complete
                    && complete.requestUri().startsWith(PeerOptions.FANOUT)) {
                subscribers.add(context.channel());
                context.pipeline().replace(this, "fanout", new FanOut(subscribers));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            context.write(frame, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /** Publishes all frames of a batch before it flushes them. Readers are fast here, so reading never pauses. */
    private static final class FanOut extends ChannelInboundHandlerAdapter {
        private final ChannelGroup subscribers;
        private boolean written;

        FanOut(ChannelGroup subscribers) {
            this.subscribers = subscribers;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            subscribers.write(frame, ChannelMatchers.all(), true);
            written = true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (written) {
                written = false;
                subscribers.flush();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
