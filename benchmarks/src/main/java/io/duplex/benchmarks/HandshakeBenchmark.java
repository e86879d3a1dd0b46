package io.duplex.benchmarks;

import io.duplex.Limits;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeadScratch;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ResponseHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.handshake.WebSocketUri;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The opening handshake (RFC 6455 §4), from bytes to bytes. The request is a browser's. The baseline is Netty's HTTP codec
 * and handshaker, in a new channel each time; {@link #nettyChannelAlone} is what the channel costs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandshakeBenchmark {
    private static final String REQUEST = """
            GET /chat HTTP/1.1\r
            Host: chat.example:8080\r
            Connection: Upgrade\r
            Pragma: no-cache\r
            Cache-Control: no-cache\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r
            Upgrade: websocket\r
            Origin: http://chat.example:8080\r
            Sec-WebSocket-Version: 13\r
            Accept-Encoding: gzip, deflate\r
            Accept-Language: en-GB,en;q=0.9\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
            \r
            """;

    private final ServerHandshake server =
            ServerHandshake.builder().deflate(PermessageDeflate.DEFAULT).build();
    private final WebSocketUri uri = WebSocketUri.parse("ws://chat.example:8080/chat");
    private final WebSocketServerHandshakerFactory nettyServer =
            new WebSocketServerHandshakerFactory("ws://chat.example:8080/chat", null, true);
    private final HeadScratch scratch = new HeadScratch();
    private RandomGenerator random;
    private ByteBuffer request;
    private ByteBuffer response;
    private ByteBuf nettyRequest;

    /** Makes the request, and the response to a client whose key is always the same. */
    @Setup
    public void setUp() {
        byte[] bytes = REQUEST.getBytes(StandardCharsets.US_ASCII);
        request = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        nettyRequest = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        byte[] nonce = "the sample nonce".getBytes(StandardCharsets.US_ASCII);
        random = new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            @Override
            public void nextBytes(byte[] target) {
                System.arraycopy(nonce, 0, target, 0, target.length);
            }
        };
        byte[] answer = answer();
        response = ByteBuffer.allocateDirect(answer.length).put(answer).flip();
    }

    /** A server's: request in, response out. */
    @Benchmark
    public byte[] answer() {
        HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, scratch);
        RequestHead head = decoder.decode(request.rewind());
        if (head == null || !(server.answer(head, false) instanceof Answer.Accepted accepted)) {
            throw new AssertionError("the request is right");
        }
        return accepted.toBytes();
    }

    /** A client's: request out, response in. */
    @Benchmark
    public @Nullable Agreement connect() {
        ClientHandshake client =
                ClientHandshake.builder(uri).deflate(PermessageDeflate.DEFAULT).build(random);
        byte[] sent = client.request().toBytes();
        ResponseHead head = HeadDecoder.forResponses(Limits.DEFAULT, scratch).decode(response.rewind());
        if (sent.length == 0 || head == null) {
            throw new AssertionError("the response is right");
        }
        return client.validate(head);
    }

    /** A server's, by Netty, without negotiating compression. */
    @Benchmark
    public long nettyAnswer() {
        EmbeddedChannel channel = Netty.channel(
                new HttpServerCodec(), new HttpObjectAggregator(8192), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        FullHttpRequest head = (FullHttpRequest) message;
                        WebSocketServerHandshaker handshaker = nettyServer.newHandshaker(head);
                        handshaker.handshake(context.channel(), head);
                        head.release();
                    }
                });
        channel.writeInbound(nettyRequest.readerIndex(0).retain());
        long bytes = Netty.flushed(channel);
        channel.finishAndReleaseAll();
        return bytes;
    }

    /** A channel that is made, and ended, for nothing. */
    @Benchmark
    public boolean nettyChannelAlone() {
        return Netty.channel(new ChannelInboundHandlerAdapter()).finishAndReleaseAll();
    }
}
