package io.duplex.benchmarks;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Event;
import io.duplex.protocol.Outgoing;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.protocol.Workspace;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

/**
 * The whole engine, without a socket: decode, unmask, validate, deliver, and encode the echo, one frame an operation. The
 * baseline is Netty's codec with the handlers that its server protocol handler installs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {
    static final int FRAMES = 16;

    private static final int TEXT = 1;
    private static final int BINARY = 2;

    /** Length of each message. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private WebSocketProtocol protocol;
    private ByteBuffer binary;
    private ByteBuffer ascii;
    private ByteBuffer multilingual;
    private ByteBuffer input;
    private CountedOutgoing output;
    private EmbeddedChannel netty;
    private EmbeddedChannel nettyStrings;

    /** Makes the engine and its input. */
    @Setup
    public void setUp() {
        output = new CountedOutgoing(Math.max(Outgoing.MAX_ROOM, FRAMES * (payloadBytes + 16)));
        binary = Frames.masked(FRAMES, BINARY, Text.ASCII.bytes(payloadBytes));
        ascii = Frames.masked(FRAMES, TEXT, Text.ASCII.bytes(payloadBytes));
        multilingual = Frames.masked(FRAMES, TEXT, Text.MULTILINGUAL.bytes(payloadBytes));
        input = ByteBuffer.allocateDirect(binary.capacity());
        Workspace workspace = new Workspace(new Memory(), () -> 0x12345678, new DeflatePool());
        protocol = new WebSocketProtocol(
                Role.SERVER, Limits.DEFAULT, Delivery.WHOLE, null, PermessageDeflate.DISABLED, workspace, output);
        netty = nettyChannel(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object frame) {
                context.write(frame, context.voidPromise());
            }
        });
        nettyStrings = nettyChannel(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object frame) {
                TextWebSocketFrame text = (TextWebSocketFrame) frame;
                String content = text.text();
                text.release();
                context.write(new TextWebSocketFrame(content), context.voidPromise());
            }
        });
    }

    private static EmbeddedChannel nettyChannel(ChannelInboundHandlerAdapter echo) {
        return Netty.channel(
                new WebSocket13FrameDecoder(Netty.masked()),
                new WebSocket13FrameEncoder(false),
                new Utf8FrameValidator(),
                echo);
    }

    /** Fresh masked bytes, as a read would bring them; its cost is in every figure of this class. */
    private ByteBuffer read(ByteBuffer frames) {
        output.clear();
        input.clear().put(0, frames, 0, frames.limit());
        return input.limit(frames.limit());
    }

    /** What the copy of the input costs alone, to be taken off the others. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public ByteBuffer copyInput() {
        return read(binary);
    }

    /** Binary in, binary out. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long echoBinary() {
        ByteBuffer in = read(binary);
        while (protocol.receive(in) == Event.BINARY) {
            protocol.sendBinary(protocol.payload());
        }
        return output.bytes();
    }

    /** ASCII text, passed on as bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long echoAsciiBytes() {
        return echoText(ascii);
    }

    /** Text of many scripts, passed on as bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long echoMultilingualBytes() {
        return echoText(multilingual);
    }

    private long echoText(ByteBuffer frames) {
        ByteBuffer in = read(frames);
        while (protocol.receive(in) == Event.TEXT) {
            protocol.sendText(protocol.payload());
        }
        return output.bytes();
    }

    /** ASCII text as a {@code String} and back. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long echoAsciiString() {
        ByteBuffer in = read(ascii);
        while (protocol.receive(in) == Event.TEXT) {
            ByteBuffer utf8 = protocol.payload();
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            protocol.sendText(new String(bytes, StandardCharsets.UTF_8));
        }
        return output.bytes();
    }

    /** Binary, by Netty. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEchoBinary() {
        return nettyEcho(netty, binary);
    }

    /** ASCII text passed on as bytes, by Netty. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEchoAsciiBytes() {
        return nettyEcho(netty, ascii);
    }

    /** Text of many scripts passed on as bytes, by Netty. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEchoMultilingualBytes() {
        return nettyEcho(netty, multilingual);
    }

    /** ASCII text as a {@code String} and back, by Netty. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEchoAsciiString() {
        return nettyEcho(nettyStrings, ascii);
    }

    private static long nettyEcho(EmbeddedChannel channel, ByteBuffer frames) {
        ByteBuf in = channel.alloc().directBuffer(frames.limit());
        channel.writeInbound(in.writeBytes(frames.duplicate()));
        return Netty.flushed(channel);
    }
}
