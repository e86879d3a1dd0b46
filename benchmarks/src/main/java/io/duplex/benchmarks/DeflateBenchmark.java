package io.duplex.benchmarks;

import io.duplex.Role;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.MessageDeflater;
import io.duplex.extension.MessageInflater;
import io.duplex.extension.PermessageDeflate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
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
 * permessage-deflate (RFC 7692) on JSON, at our default level. The baseline is Netty's, at the same level. An operation is one
 * message.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeflateBenchmark {
    private static final int MESSAGES = 8;

    /** Length of a message before compression. */
    @Param({"125", "1024", "65536"})
    public int payloadBytes;

    /** Whether messages may refer to those before them. */
    @Param({"false", "true"})
    public boolean contextTakeover;

    private final DeflatePool pool = new DeflatePool();
    private MessageDeflater deflater;
    private MessageInflater inflater;
    private final ByteBuffer[] plain = new ByteBuffer[MESSAGES];
    private final ByteBuffer[] compressed = new ByteBuffer[MESSAGES];
    private ByteBuffer inflated;

    private final ByteBuf[] nettyPlain = new ByteBuf[MESSAGES];
    private final ByteBuf[] nettyCompressed = new ByteBuf[MESSAGES];
    private EmbeddedChannel nettyDeflater;
    private EmbeddedChannel nettyInflater;

    /** Makes the messages, which can be inflated again and again in their order. */
    @Setup
    public void setUp() {
        DeflateParameters parameters = new DeflateParameters(!contextTakeover, !contextTakeover, 15, 15);
        deflater = new MessageDeflater(parameters, Role.SERVER, PermessageDeflate.DEFAULT, pool);
        inflater = new MessageInflater(parameters, Role.CLIENT, pool);
        inflated = ByteBuffer.allocateDirect(payloadBytes);
        for (int i = 0; i < MESSAGES; i++) {
            byte[] json = Frames.json(payloadBytes, i);
            plain[i] = ByteBuffer.allocateDirect(payloadBytes).put(json).flip();
            ByteBuffer octets = deflater.compress(plain[i], true);
            compressed[i] =
                    ByteBuffer.allocateDirect(octets.remaining()).put(octets).flip();
            nettyPlain[i] = Unpooled.directBuffer().writeBytes(json);
            nettyCompressed[i] = Unpooled.directBuffer().writeBytes(compressed[i].duplicate());
        }
        nettyDeflater = Netty.channel(nettyExtension().newExtensionEncoder());
        nettyInflater = Netty.channel(nettyExtension().newExtensionDecoder(), Netty.end());
    }

    private WebSocketServerExtension nettyExtension() {
        Map<String, String> offer =
                contextTakeover ? Map.of() : Map.of("server_no_context_takeover", "", "client_no_context_takeover", "");
        return new PerMessageDeflateServerExtensionHandshaker(
                        PermessageDeflate.DEFAULT.level(), false, 15, true, !contextTakeover, 1 << 20)
                .handshakeExtension(new WebSocketExtensionData("permessage-deflate", offer));
    }

    /** Compresses. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int deflate() {
        int bytes = 0;
        for (ByteBuffer message : plain) {
            bytes += deflater.compress(message.rewind(), true).remaining();
        }
        return bytes;
    }

    /** Inflates. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int inflate() throws DataFormatException {
        int bytes = 0;
        for (ByteBuffer message : compressed) {
            inflater.input(message.rewind(), true);
            inflated.clear();
            while (inflater.inflate(inflated) > 0) {
                bytes += inflated.position();
                inflated.clear();
            }
        }
        return bytes;
    }

    /** Compresses, by Netty. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long nettyDeflate() {
        for (ByteBuf message : nettyPlain) {
            nettyDeflater.write(new TextWebSocketFrame(message.retainedDuplicate()), nettyDeflater.voidPromise());
        }
        nettyDeflater.flushOutbound();
        long bytes = 0;
        for (WebSocketFrame frame; (frame = nettyDeflater.readOutbound()) != null; ) {
            bytes += frame.content().readableBytes();
            frame.release();
        }
        return bytes;
    }

    /** Inflates, by Netty. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public EmbeddedChannel nettyInflate() {
        for (ByteBuf message : nettyCompressed) {
            nettyInflater.writeInbound(new TextWebSocketFrame(true, 4, message.retainedDuplicate()));
        }
        return nettyInflater;
    }
}
