package io.duplex.benchmarks;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.connection.MaskingKeys;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.frame.FrameDecoder;
import io.duplex.frame.Masking;
import io.duplex.protocol.Outgoing;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.protocol.Workspace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
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
 * Frames one way: read and unmasked, or written, plain as by a server and masked as by a client (RFC 6455 §5.2). The
 * baseline is Netty's decoder and encoder. An operation is one frame.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {
    private static final int FRAMES = EngineBenchmark.FRAMES;

    /** Length of each payload. */
    @Param({"16", "125", "1024", "65536"})
    public int payloadBytes;

    private final FrameDecoder decoder = new FrameDecoder(Role.SERVER, false, 1 << 20);
    private final Memory memory = new Memory();
    private ByteBuffer frames;
    private ByteBuffer payload;
    private CountedOutgoing out;
    private WebSocketProtocol server;
    private WebSocketProtocol client;

    private ByteBuf nettyFrames;
    private ByteBuf nettyPayload;
    private EmbeddedChannel nettyDecoder;
    private EmbeddedChannel nettyServer;
    private EmbeddedChannel nettyClient;

    /** Makes the frames, and all that reads and writes them. */
    @Setup
    public void setUp() {
        byte[] bytes = Text.ASCII.bytes(payloadBytes);
        frames = Frames.masked(FRAMES, 2, bytes);
        payload = ByteBuffer.allocateDirect(payloadBytes).put(bytes).flip();
        out = new CountedOutgoing(Outgoing.MAX_ROOM);
        server = engine(Role.SERVER);
        client = engine(Role.CLIENT);
        nettyFrames = Unpooled.directBuffer(frames.limit()).writeBytes(frames.duplicate());
        nettyPayload = Unpooled.directBuffer(payloadBytes).writeBytes(bytes);
        nettyDecoder = Netty.channel(new WebSocket13FrameDecoder(Netty.masked()), Netty.end());
        nettyServer = Netty.channel(new WebSocket13FrameEncoder(false));
        nettyClient = Netty.channel(new WebSocket13FrameEncoder(true));
    }

    private WebSocketProtocol engine(Role role) {
        Workspace workspace = new Workspace(memory, new MaskingKeys(new SecureRandom()), new DeflatePool());
        return new WebSocketProtocol(
                role, Limits.DEFAULT, Delivery.WHOLE, null, PermessageDeflate.DISABLED, workspace, out);
    }

    /** Headers read, payloads unmasked where they are. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int decodeMasked() {
        ByteBuffer in = frames.rewind();
        int bytes = 0;
        while (decoder.readHeader(in)) {
            int length = decoder.payloadLength();
            int from = in.position();
            Masking.apply(in, from, from + length, decoder.maskingKey(), 0);
            decoder.consumed(length);
            in.position(from + length);
            bytes += length;
        }
        return bytes;
    }

    /** The same by Netty. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public ByteBuf nettyDecodeMasked() {
        nettyDecoder.writeInbound(nettyFrames.readerIndex(0).retain());
        return nettyFrames;
    }

    /** Frames as a server sends them. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long encode() {
        return send(server);
    }

    /** Frames as a client sends them, with a fresh key each. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long encodeMasked() {
        return send(client);
    }

    private long send(WebSocketProtocol engine) {
        out.clear();
        for (int i = 0; i < FRAMES; i++) {
            engine.sendBinary(payload.rewind());
        }
        return out.bytes();
    }

    /** As by Netty's server. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEncode() {
        return send(nettyServer);
    }

    /** As by Netty's client. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long nettyEncodeMasked() {
        return send(nettyClient);
    }

    private long send(EmbeddedChannel channel) {
        for (int i = 0; i < FRAMES; i++) {
            channel.write(new BinaryWebSocketFrame(nettyPayload.retainedDuplicate()), channel.voidPromise());
        }
        return Netty.flushed(channel);
    }
}
