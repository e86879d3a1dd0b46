package io.duplex.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The baseline of {@link EngineBenchmark}: Netty's codec with the handlers that its server protocol handler installs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class NettyCodecBenchmark {
    private static final int FRAMES = EngineBenchmark.FRAMES;

    /** Length of each message. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private EmbeddedChannel channel;
    private ByteBuffer binary;
    private ByteBuffer ascii;

    /** Makes the pipeline and its input. */
    @Setup
    public void setUp() {
        binary = Frames.masked(FRAMES, 2, Frames.ascii(payloadBytes));
        ascii = Frames.masked(FRAMES, 1, Frames.ascii(payloadBytes));
        WebSocketDecoderConfig config = WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .maxFramePayloadLength(1 << 20)
                .build();
        channel = new EmbeddedChannel(
                new WebSocket13FrameDecoder(config),
                new WebSocket13FrameEncoder(false),
                new Utf8FrameValidator(),
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object frame) {
                        context.write(frame, context.voidPromise());
                    }
                });
        channel.config().setAllocator(allocator);
    }

    private int echo(ByteBuffer frames) {
        ByteBuf in = allocator.directBuffer(frames.limit());
        in.writeBytes(frames.duplicate());
        channel.writeInbound(in);
        channel.flushOutbound();
        int bytes = 0;
        Queue<Object> written = channel.outboundMessages();
        for (Object message; (message = written.poll()) != null; ) {
            ByteBuf out = (ByteBuf) message;
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }

    /** Binary in, binary out. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echoBinary() {
        return echo(binary);
    }

    /** ASCII text, passed on as bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echoAsciiBytes() {
        return echo(ascii);
    }
}
