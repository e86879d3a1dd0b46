package io.duplex.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

@Covers({"WS-5.2-1", "WS-5.2-7", "WS-5.2-8", "WS-5.2-9", "WS-5.3-1"})
class FrameEncoderProperties {
    @Property
    void whatIsWrittenIsReadBack(
            @ForAll Opcode opcode,
            @ForAll boolean fin,
            @ForAll boolean compressed,
            @ForAll("lengths") int length,
            @ForAll int key,
            @ForAll Role sender) {
        boolean isFin = fin || opcode.isControl();
        boolean isCompressed = compressed && (opcode == Opcode.TEXT || opcode == Opcode.BINARY);
        int payloadLength = opcode.isControl() ? length % 126 : length;
        int firstByte = FrameEncoder.firstByte(opcode, isFin, isCompressed);
        ByteBuffer header = ByteBuffer.allocate(FrameEncoder.MAX_UNMASKED_HEADER_BYTES + FrameEncoder.KEY_BYTES);
        int bytes = FrameEncoder.headerBytes(payloadLength);
        if (sender == Role.CLIENT) {
            FrameEncoder.writeMaskedHeader(header, firstByte, payloadLength, key);
            bytes += FrameEncoder.KEY_BYTES;
        } else {
            FrameEncoder.writeHeader(header, firstByte, payloadLength);
        }
        assertThat(header.flip().remaining()).isEqualTo(bytes).isLessThanOrEqualTo(FrameDecoder.MAX_HEADER_BYTES);

        Role receiver = sender == Role.CLIENT ? Role.SERVER : Role.CLIENT;
        FrameDecoder decoder = new FrameDecoder(receiver, true, Integer.MAX_VALUE);
        assertThat(decoder.readHeader(header)).isTrue();
        assertThat(header.hasRemaining()).isFalse();
        assertThat(decoder.opcode()).isEqualTo(opcode);
        assertThat(decoder.isFin()).isEqualTo(isFin);
        assertThat(decoder.isCompressed()).isEqualTo(isCompressed);
        assertThat(decoder.payloadLength()).isEqualTo(payloadLength);
        if (sender == Role.CLIENT) {
            assertThat(decoder.maskingKey()).isEqualTo(key);
        }
    }

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.oneOf(
                Arbitraries.of(0, 1, 125, 126, 127, 65535, 65536, Integer.MAX_VALUE),
                Arbitraries.integers().between(0, Integer.MAX_VALUE));
    }
}
