package io.duplex.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;

/** Any bytes in any pieces, in either role: what the reference says, within bounds, and all memory given back. */
@Covers({"WS-6.2-1", "WS-10.4-1", "WS-10.7-1"})
class WebSocketProtocolFuzzer {
    private static final Limits LIMITS = Limits.builder()
            .maxMessageBytes(1024)
            .maxFrameBytes(1000)
            .maxFragments(8)
            .build();

    /** The first byte has the settings, the second the size of the pieces, or their sizes' seed; the rest is the wire's. */
    @FuzzTest
    void frames(byte[] data) {
        check(data, null);
    }

    @FuzzTest
    void compressedFrames(byte[] data) {
        boolean noTakeover = data.length > 0 && (data[0] & 0x10) != 0;
        check(data, new DeflateParameters(noTakeover, noTakeover, 15, 15));
    }

    private static void receiveInPieces(Script script, int seed, ByteBuffer wire) {
        int size = seed;
        for (int from = 0; from < wire.limit(); ) {
            size = 5 * size + 1 & 0xFF; // all sizes, each once in 256
            int length = Math.min(1 + size, wire.limit() - from);
            script.receive(wire.slice(from, length));
            from += length;
        }
    }

    private static void check(byte[] data, DeflateParameters compression) {
        if (data.length < 2) {
            return;
        }
        int settings = data[0];
        int piece = 1 + (data[1] & 0xFF);
        Role role = (settings & 1) == 0 ? Role.SERVER : Role.CLIENT;
        ByteBuffer wire = ByteBuffer.wrap(data, 2, data.length - 2).slice();
        Script script = (role == Role.SERVER ? Script.server() : Script.client()).limits(LIMITS);
        if (compression != null) {
            script.compression(compression, PermessageDeflate.DEFAULT);
        }
        if ((settings & 2) != 0) {
            script.inParts();
        }
        if ((settings & 4) != 0) {
            script.direct();
        }
        if ((settings & 8) != 0) {
            script.receive(wire);
        } else if ((settings & 0x20) != 0) {
            receiveInPieces(script, data[1], wire);
        } else {
            script.receiveIn(piece, wire);
        }
        byte[] bytes = new byte[wire.remaining()];
        wire.get(0, bytes);
        ReferenceEndpoint reference = new ReferenceEndpoint(role, LIMITS, compression, bytes).run();
        assertThat(script.joinedEvents()).isEqualTo(reference.events());
        assertThat(script.sent()).isEqualTo(reference.sent());
        assertThat(script.buffers().peakBytes()).isLessThan(32 << 10);
        assertThat(script.end().buffers().outstanding()).isZero();
    }
}
