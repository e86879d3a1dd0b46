package io.duplex.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.legacy.LegacyDialect;
import io.duplex.legacy.LegacyVersion;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Netty's clients of the drafts before RFC 6455, on a route that lets them in. */
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = WebSocketVersion.class,
        names = {"V00", "V07", "V08"})
final class NettyLegacyIT {
    private static final String ORIGIN = "http://old.example";
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    @Parameter
    WebSocketVersion version;

    private final LegacyDialect dialect = LegacyDialect.builder()
            .accept(LegacyVersion.HIXIE_76, LegacyVersion.HYBI_07, LegacyVersion.HYBI_08)
            .allowedOrigins(ORIGIN)
            .build();
    private final WebSocketServer server = WebSocketServer.builder()
            .port(0)
            .route(
                    "/echo",
                    RouteOptions.builder().dialect(dialect).subprotocols("echo").build(),
                    handshake -> new Echo())
            .start();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            if (utf8.remaining() == 5) {
                socket.closeWithoutStatus();
            } else if (utf8.remaining() > 10_000) {
                socket.send(utf8.remaining() + " bytes");
            } else {
                socket.sendText(utf8);
            }
        }
    }

    /** Writes down what comes. */
    private final class Receiver extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                received.add("open");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            received.add(cause.toString());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof TextWebSocketFrame text) {
                received.add(text.text());
            } else if (frame instanceof CloseWebSocketFrame) {
                received.add("close");
                context.writeAndFlush(new CloseWebSocketFrame());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            received.add("end");
        }
    }

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        server.close();
    }

    private Channel connect(String origin) throws InterruptedException {
        HttpHeaders fields = new DefaultHttpHeaders();
        fields.add(version == WebSocketVersion.V00 ? "Origin" : "Sec-WebSocket-Origin", origin);
        URI uri = URI.create("ws://127.0.0.1:" + server.port() + "/echo?x=1");
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(64 << 10),
                                        new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                                                .webSocketUri(uri)
                                                .version(version)
                                                .subprotocol("echo")
                                                .maxFramePayloadLength(MAX_MESSAGE_BYTES)
                                                .customHeaders(fields)
                                                .handleCloseFrames(false)
                                                .build()),
                                        new Receiver());
                    }
                })
                .connect(uri.getHost(), uri.getPort())
                .sync()
                .channel();
    }

    private String next() throws InterruptedException {
        String line = received.poll(60, TimeUnit.SECONDS);
        assertThat(line).as("received").isNotNull();
        return line;
    }

    @Test
    @Covers({"HX76-7", "HX76-8", "HX76-12", "HXF-1", "HXF-4", "HY-1", "HY-2"})
    void textGoesBothWaysAndEitherSideCloses() throws InterruptedException {
        // No more comes back than is read at once: Netty's decoder of hixie-76 forgets the type of a frame that comes
        // in pieces.
        String big = "ä".repeat(100_000);
        Channel client = connect(ORIGIN);
        assertThat(next()).isEqualTo("open");
        for (String text : new String[] {"", "Hello!", "\u20ac\ud83d\ude00"}) {
            client.writeAndFlush(new TextWebSocketFrame(text));
            assertThat(next()).isEqualTo(text);
        }
        client.writeAndFlush(new TextWebSocketFrame(big));
        assertThat(next()).isEqualTo("200000 bytes");
        client.writeAndFlush(new CloseWebSocketFrame());
        assertThat(next()).isEqualTo("close");
        assertThat(next()).isEqualTo("end");
        Channel other = connect(ORIGIN);
        assertThat(next()).isEqualTo("open");
        other.writeAndFlush(new TextWebSocketFrame("close"));
        assertThat(next()).isEqualTo("close");
        assertThat(next()).isEqualTo("end");
    }

    @Test
    void anOriginThatIsNotOnTheListIsRefused() throws InterruptedException {
        connect("http://evil.example");
        assertThat(next()).contains("Handshake");
        assertThat(dialect.refused()).isEqualTo(1);
    }
}
