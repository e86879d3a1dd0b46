package io.duplex.benchmarks;

import io.duplex.frame.Masking;
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

/** Masks a payload, which is unmasking too (RFC 6455 §5.3). The baseline goes byte by byte. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MaskingBenchmark {
    private static final int KEY = 0x12345678;

    /** Length of the payload. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private ByteBuffer direct;
    private ByteBuffer heap;
    private ByteBuffer copy;

    /** Makes the payload. */
    @Setup
    public void setUp() {
        byte[] payload = Text.ASCII.bytes(payloadBytes);
        direct = ByteBuffer.allocateDirect(payloadBytes).put(payload).flip();
        heap = ByteBuffer.wrap(payload);
        copy = ByteBuffer.allocateDirect(payloadBytes);
    }

    /** In place, as a server reads. */
    @Benchmark
    public ByteBuffer maskDirect() {
        Masking.apply(direct, 0, payloadBytes, KEY, 0);
        return direct;
    }

    /** The same on the heap. */
    @Benchmark
    public ByteBuffer maskHeap() {
        Masking.apply(heap, 0, payloadBytes, KEY, 0);
        return heap;
    }

    /** From one buffer to another, as a client sends. */
    @Benchmark
    public ByteBuffer copyMasked() {
        Masking.copy(direct, 0, payloadBytes, copy, 0, KEY);
        return copy;
    }

    /** A loop over the bytes. */
    @Benchmark
    public ByteBuffer bytewiseMaskDirect() {
        maskBytes(direct);
        return direct;
    }

    /** The same on the heap. */
    @Benchmark
    public ByteBuffer bytewiseMaskHeap() {
        maskBytes(heap);
        return heap;
    }

    private static void maskBytes(ByteBuffer payload) {
        for (int i = 0; i < payload.limit(); i++) {
            payload.put(i, (byte) (payload.get(i) ^ KEY >>> (3 - (i & 3) << 3)));
        }
    }
}
