package io.duplex.benchmarks;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Event;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.protocol.Workspace;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Joins the fragments of a message (RFC 6455 §5.4): masked frames in, one whole message out. The baseline is Netty's decoder
 * with its aggregator. An operation is one message.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MessageAssemblerBenchmark {
    private static final int FRAGMENTS = 4;
    private static final int TEXT = 1;
    private static final int BINARY = 2;

    /** Length of the message. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private ByteBuffer binary;
    private ByteBuffer text;
    private ByteBuffer input;
    private WebSocketProtocol protocol;
    private EmbeddedChannel netty;

    /** Makes the message in its fragments, and what joins them. */
    @Setup
    public void setUp() {
        binary = Frames.fragmented(FRAGMENTS, BINARY, Text.ASCII.bytes(payloadBytes));
        text = Frames.fragmented(FRAGMENTS, TEXT, Text.MULTILINGUAL.bytes(payloadBytes));
        input = ByteBuffer.allocateDirect(binary.capacity());
        Workspace workspace = new Workspace(new Memory(), () -> 0x12345678, new DeflatePool());
        protocol = new WebSocketProtocol(
                Role.SERVER,
                Limits.DEFAULT,
                Delivery.WHOLE,
                null,
                PermessageDeflate.DISABLED,
                workspace,
                new CountedOutgoing(0));
        netty = Netty.channel(
                new WebSocket13FrameDecoder(Netty.masked()),
                new Utf8FrameValidator(),
                new WebSocketFrameAggregator(1 << 20),
                Netty.end());
    }

    /** A binary message. */
    @Benchmark
    public int assembleBinary() {
        return assemble(binary, Event.BINARY);
    }

    /** A text of many scripts, validated as it comes. */
    @Benchmark
    public int assembleText() {
        return assemble(text, Event.TEXT);
    }

    private int assemble(ByteBuffer fragments, Event expected) {
        ByteBuffer in = input.clear().put(0, fragments, 0, fragments.limit()).limit(fragments.limit());
        if (protocol.receive(in) != expected) {
            throw new AssertionError("the frames are a message");
        }
        int bytes = protocol.payload().remaining();
        protocol.receive(in);
        return bytes;
    }

    /** A binary message, by Netty. */
    @Benchmark
    public EmbeddedChannel nettyAssembleBinary() {
        return nettyAssemble(binary);
    }

    /** A text, by Netty. */
    @Benchmark
    public EmbeddedChannel nettyAssembleText() {
        return nettyAssemble(text);
    }

    private EmbeddedChannel nettyAssemble(ByteBuffer fragments) {
        ByteBuf in = netty.alloc().directBuffer(fragments.limit());
        netty.writeInbound(in.writeBytes(fragments.duplicate()));
        return netty;
    }
}
