package io.duplex.benchmarks;

import io.duplex.BufferSource;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Outgoing;
import io.duplex.protocol.SharedMessage;
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

/** One message to 100 connections, without sockets: what a delivery costs if they share it, and if each has its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class BroadcastBenchmark {
    private static final int SUBSCRIBERS = 100;

    /** What was agreed on compression. */
    @Param({"plain", "noContextTakeover", "contextTakeover"})
    public String compression;

    private final WebSocketProtocol[] engines = new WebSocketProtocol[SUBSCRIBERS];
    private final ByteBuffer output = ByteBuffer.allocateDirect(Outgoing.MAX_ROOM);
    private byte[] message;

    /** Makes the engines and a message of about 1 KiB of JSON. */
    @Setup
    public void setUp() {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; json.length() < 1000; i++) {
            json.append("{\"symbol\":\"S")
                    .append(i)
                    .append("\",\"price\":")
                    .append(i * 7919 % 1000)
                    .append("},");
        }
        message = json.append("{}]").toString().getBytes(StandardCharsets.UTF_8);
        boolean alone = compression.equals("noContextTakeover");
        DeflateParameters agreed = compression.equals("plain") ? null : new DeflateParameters(alone, alone, 15, 15);
        PermessageDeflate options =
                PermessageDeflate.builder().thresholdBytes(0).build();
        Workspace workspace = new Workspace(BroadcastBenchmark::lease, () -> 1, new DeflatePool());
        for (int i = 0; i < SUBSCRIBERS; i++) {
            engines[i] = new WebSocketProtocol(
                    Role.SERVER, Limits.DEFAULT, Delivery.WHOLE, agreed, options, workspace, new Sink());
        }
    }

    private static BufferSource.Lease lease(int bytes) {
        throw new AssertionError("nothing is received");
    }

    private final class Sink implements Outgoing {
        @Override
        public ByteBuffer room(int bytes) {
            return output.clear();
        }

        @Override
        public void write(ByteBuffer payload) {
            output.clear().put(payload);
        }
    }

    /** All send the same. */
    @Benchmark
    @OperationsPerInvocation(SUBSCRIBERS)
    public int sendShared() {
        SharedMessage shared = new SharedMessage(true, message);
        for (WebSocketProtocol engine : engines) {
            engine.sendShared(shared);
        }
        return output.position();
    }

    /** Each sends its own, as if nobody else did. */
    @Benchmark
    @OperationsPerInvocation(SUBSCRIBERS)
    public int sendEach() {
        for (WebSocketProtocol engine : engines) {
            engine.sendValidText(ByteBuffer.wrap(message));
        }
        return output.position();
    }
}
