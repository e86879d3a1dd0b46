package io.duplex.conformance.interop;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;

/** Netty's own codec, which we do not use. */
final class NettyIT {
    private static final int MAX_MESSAGE_BYTES = 2 << 20;

    @Nested
    class AsServer implements ForeignServerContract {
        @Override
        public ForeignServer start(boolean compressing) throws InterruptedException {
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            Channel channel = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ServerPipeline(compressing))
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
            return new Running(loops, channel);
        }
    }

    @Nested
    class AsClient implements ForeignClientContract {
        @Override
        public ForeignSession connect(URI uri, boolean compressing) throws Exception {
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            Receiver receiver = new Receiver();
            Channel channel = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(new ClientPipeline(uri, compressing, receiver))
                    .connect(uri.getHost(), uri.getPort())
                    .sync()
                    .channel();
            receiver.ready.get(60, TimeUnit.SECONDS);
            return new Session(loops, channel, receiver.transcript);
        }
    }

    private record Running(EventLoopGroup loops, Channel channel) implements ForeignServer {
        @Override
        public int port() {
            return ((InetSocketAddress) channel.localAddress()).getPort();
        }

        @Override
        public void close() {
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static final class ServerPipeline extends ChannelInitializer<Channel> {
        private final boolean compressing;

        private ServerPipeline(boolean compressing) {
            this.compressing = compressing;
        }

        @Override
        protected void initChannel(Channel channel) {
            ChannelPipeline pipeline = channel.pipeline();
            pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(64 << 10));
            if (compressing) {
                // Left alone, Netty declines every offer with server_no_context_takeover, and ours has it.
                boolean allowServerNoTakeover = true;
                pipeline.addLast(new WebSocketServerExtensionHandler(new PerMessageDeflateServerExtensionHandshaker(
                        6, false, 15, allowServerNoTakeover, false, MAX_MESSAGE_BYTES)));
            }
            pipeline.addLast(
                    new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                            .websocketPath("/")
                            .subprotocols("echo")
                            .allowExtensions(compressing)
                            .maxFramePayloadLength(MAX_MESSAGE_BYTES)
                            .build()),
                    new WebSocketFrameAggregator(MAX_MESSAGE_BYTES),
                    new Echo());
        }
    }

    private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof TextWebSocketFrame text && text.text().equals("close")) {
                context.writeAndFlush(new CloseWebSocketFrame(4001, "bye"));
            } else {
                context.writeAndFlush(frame.retain());
            }
        }
    }

    private static final class ClientPipeline extends ChannelInitializer<Channel> {
        private final URI uri;
        private final boolean compressing;
        private final Receiver receiver;

        private ClientPipeline(URI uri, boolean compressing, Receiver receiver) {
            this.uri = uri;
            this.compressing = compressing;
            this.receiver = receiver;
        }

        @Override
        protected void initChannel(Channel channel) {
            ChannelPipeline pipeline = channel.pipeline();
            pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(64 << 10));
            if (compressing) {
                pipeline.addLast(new WebSocketClientCompressionHandler(MAX_MESSAGE_BYTES));
            }
            pipeline.addLast(
                    new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                            .webSocketUri(uri)
                            .version(WebSocketVersion.V13)
                            .subprotocol("echo")
                            .allowExtensions(compressing)
                            .maxFramePayloadLength(MAX_MESSAGE_BYTES)
                            .customHeaders(new DefaultHttpHeaders())
                            .handleCloseFrames(false)
                            .build()),
                    new WebSocketFrameAggregator(MAX_MESSAGE_BYTES),
                    receiver);
        }
    }

    private static final class Receiver extends SimpleChannelInboundHandler<WebSocketFrame> {
        private final Transcript transcript = new Transcript();
        private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                ready.complete(true);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof TextWebSocketFrame text) {
                transcript.text(text.text());
            } else if (frame instanceof BinaryWebSocketFrame) {
                transcript.binary(frame.content().nioBuffer());
            } else if (frame instanceof CloseWebSocketFrame close) {
                transcript.closed(close.statusCode(), close.reasonText());
                context.writeAndFlush(close.retain());
            } else if (frame instanceof PingWebSocketFrame) {
                throw new IllegalStateException("Netty answers pings itself");
            }
        }
    }

    private record Session(EventLoopGroup loops, Channel channel, Transcript received) implements ForeignSession {
        @Override
        public void sendText(String text) {
            channel.writeAndFlush(new TextWebSocketFrame(text));
        }

        @Override
        public void sendBinary(ByteBuffer payload) {
            channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(payload)));
        }

        @Override
        public void close(int code, String reason) {
            channel.writeAndFlush(new CloseWebSocketFrame(code, reason));
        }

        @Override
        public void close() {
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
