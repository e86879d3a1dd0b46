package io.duplex.benchmarks;

import io.duplex.message.Utf8Validator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
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
 * Tells whether a text message is UTF-8 (RFC 6455 §8.1). The baselines: the JDK, which cannot tell without decoding, and
 * Netty's validator.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class Utf8Benchmark {
    /** Length of the text. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    /** What it is made of. */
    @Param
    public Text text;

    private byte[] array;
    private ByteBuffer heap;
    private ByteBuffer direct;
    private final CharsetDecoder jdk = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private CharBuffer chars;
    private ByteBuf nettyText;
    private EmbeddedChannel nettyValidator;

    /** Makes the text. */
    @Setup
    public void setUp() {
        array = text.bytes(payloadBytes);
        heap = ByteBuffer.wrap(array);
        direct = ByteBuffer.allocateDirect(payloadBytes).put(array).flip();
        chars = CharBuffer.allocate(payloadBytes);
        nettyText = Unpooled.directBuffer(payloadBytes).writeBytes(array);
        nettyValidator = Netty.channel(new Utf8FrameValidator(), Netty.end());
    }

    /** Where a message lies that came in one read. */
    @Benchmark
    public boolean validateDirect() {
        return Utf8Validator.isValid(direct, 0, payloadBytes);
    }

    /** The same on the heap. */
    @Benchmark
    public boolean validateHeap() {
        return Utf8Validator.isValid(heap, 0, payloadBytes);
    }

    /** {@code new String}, which replaces what is not UTF-8 and tells nothing: less work than asked for. */
    @Benchmark
    public String jdkValidateHeap() {
        return new String(array, StandardCharsets.UTF_8);
    }

    /** {@code CharsetDecoder}, told to report. */
    @Benchmark
    public CharBuffer jdkValidateDirect() {
        jdk.reset();
        if (jdk.decode(direct.rewind(), chars.clear(), true).isError()) {
            throw new AssertionError("the text is UTF-8");
        }
        return chars;
    }

    /** A text frame through Netty's handler. */
    @Benchmark
    public ByteBuf nettyValidateDirect() {
        nettyValidator.writeInbound(new TextWebSocketFrame(nettyText.retainedDuplicate()));
        return nettyText;
    }
}
