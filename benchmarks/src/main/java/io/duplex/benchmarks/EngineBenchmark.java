package io.duplex.benchmarks;

import io.duplex.BufferSource;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Event;
import io.duplex.protocol.Outgoing;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.protocol.Workspace;
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
 * The whole engine, without a socket: decode, unmask, validate, deliver, and encode the echo, one frame an operation.
 * {@link NettyCodecBenchmark} is the baseline.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {
    static final int FRAMES = 16;

    /** Length of each message. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private WebSocketProtocol protocol;
    private ByteBuffer binary;
    private ByteBuffer ascii;
    private ByteBuffer multilingual;
    private ByteBuffer input;
    private ByteBuffer output;

    /** Makes the engine and its input. */
    @Setup
    public void setUp() {
        output = ByteBuffer.allocateDirect(Math.max(Outgoing.MAX_ROOM, FRAMES * (payloadBytes + 16)));
        binary = Frames.masked(FRAMES, 2, Frames.ascii(payloadBytes));
        ascii = Frames.masked(FRAMES, 1, Frames.ascii(payloadBytes));
        multilingual = Frames.masked(FRAMES, 1, Frames.multilingual(payloadBytes));
        input = ByteBuffer.allocateDirect(binary.capacity());
        Workspace workspace = new Workspace(EngineBenchmark::lease, () -> 0x12345678, new DeflatePool());
        protocol = new WebSocketProtocol(
                Role.SERVER, Limits.DEFAULT, Delivery.WHOLE, null, PermessageDeflate.DISABLED, workspace, new Sink());
    }

    private static BufferSource.Lease lease(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
        return new BufferSource.Lease() {
            @Override
            public ByteBuffer bytes() {
                return buffer;
            }

            @Override
            public void release() {}
        };
    }

    private final class Sink implements Outgoing {
        @Override
        public ByteBuffer room(int bytes) {
            return output;
        }

        @Override
        public void write(ByteBuffer payload) {
            output.put(payload);
        }
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
    public int echoBinary() {
        ByteBuffer in = read(binary);
        while (protocol.receive(in) == Event.BINARY) {
            protocol.sendBinary(protocol.payload());
        }
        return output.position();
    }

    /** ASCII text, passed on as bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echoAsciiBytes() {
        ByteBuffer in = read(ascii);
        while (protocol.receive(in) == Event.TEXT) {
            protocol.sendText(protocol.payload());
        }
        return output.position();
    }

    /** Text of many scripts, passed on as bytes. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echoMultilingualBytes() {
        ByteBuffer in = read(multilingual);
        while (protocol.receive(in) == Event.TEXT) {
            protocol.sendText(protocol.payload());
        }
        return output.position();
    }

    /** ASCII text as a {@code String} and back. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echoAsciiString() {
        ByteBuffer in = read(ascii);
        while (protocol.receive(in) == Event.TEXT) {
            ByteBuffer utf8 = protocol.payload();
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            protocol.sendText(new String(bytes, StandardCharsets.UTF_8));
        }
        return output.position();
    }
}
