package io.duplex.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

@Covers("WS-5.3-5")
class MaskingTest {
    private static final int KEY = 0x37FA213D; // of the samples in §5.7

    private static ByteBuffer hex(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    @Test
    void theSampleOfTheRfcIsUnmasked() { // §5.7
        ByteBuffer payload = hex("7f9f4d5158");
        Masking.apply(payload, 0, 5, KEY, 0);
        assertThat(payload).isEqualTo(hex("48656c6c6f"));
    }

    @Test
    void thePhaseSaysWithWhichByteOfTheKeyToBegin() {
        ByteBuffer payload = hex("4d5158");
        Masking.apply(payload, 0, 3, KEY, 1_000_000_002);
        assertThat(payload).isEqualTo(hex("6c6c6f"));
    }

    @Test
    void aCopyBeginsWithTheFirstByteOfTheKey() {
        ByteBuffer source = hex("0048656c6c6f").asReadOnlyBuffer();
        ByteBuffer target = ByteBuffer.allocateDirect(7);
        Masking.copy(source, 1, 5, target, 2, KEY);
        assertThat(target).isEqualTo(hex("00007f9f4d5158"));
    }

    @Test
    void aLongPayloadIsMaskedAsAShortOne() {
        for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(70_003), ByteBuffer.allocateDirect(70_003)}) {
            for (int length : new int[] {4095, 4096, 4103, 4104, 4111, 5000, 70_000}) {
                ByteBuffer payload = buffer.duplicate().clear().slice(3, length);
                Masking.apply(payload, 0, length, KEY, 1);
                assertThat(payload.get(0)).as("first of %d", length).isEqualTo((byte) 0xFA);
                for (int from = 0; from < length; from += 100) {
                    Masking.apply(payload, from, Math.min(from + 100, length), KEY, 1 + from);
                }
                assertThat(payload).isEqualTo(ByteBuffer.allocate(length));
            }
        }
    }

    @Test
    void everyLengthIsMaskedOctetByOctetWhereverItLies() {
        for (ByteBuffer memory : new ByteBuffer[] {ByteBuffer.allocate(48), ByteBuffer.allocateDirect(48)}) {
            for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
                for (int length = 0; length <= 40; length++) {
                    for (int phase = 0; phase < 4; phase++) {
                        assertMasked(memory.duplicate().order(order), length, phase);
                    }
                }
            }
        }
    }

    private static void assertMasked(ByteBuffer buffer, int length, int phase) {
        for (int i = 0; i < buffer.limit(); i++) {
            buffer.put(i, (byte) (i * 37));
        }
        Masking.apply(buffer, 3, 3 + length, KEY, phase);
        for (int i = 0; i < buffer.limit(); i++) {
            boolean inside = i >= 3 && i < 3 + length;
            int octet = inside ? KEY >>> (24 - 8 * ((i - 3 + phase) & 3)) : 0;
            assertThat(buffer.get(i))
                    .as("byte %d of %d, phase %d, %s", i - 3, length, phase, buffer.order())
                    .isEqualTo((byte) (i * 37 ^ octet));
        }
    }

    @Test
    void noLengthPassesALimitOrLeavesAHalfMaskedPayload() {
        for (int length : new int[] {1, 3, 4, 7, 8, 15, 16, 17, 20}) {
            ByteBuffer buffer = ByteBuffer.allocate(20).limit(19);
            assertThatThrownBy(() -> Masking.apply(buffer, 20 - length, 20, KEY, 0))
                    .as("end of %d", length)
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Masking.apply(buffer, -1, length - 1, KEY, 0))
                    .as("begin of %d", length)
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(buffer.clear()).isEqualTo(ByteBuffer.allocate(20));
        }
    }

    @Test
    void noLengthOfAReadOnlyBufferIsMasked() {
        for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(20), ByteBuffer.allocateDirect(20)}) {
            ByteBuffer readOnly = buffer.asReadOnlyBuffer();
            for (int length : new int[] {1, 4, 8, 16, 17, 20}) {
                assertThatThrownBy(() -> Masking.apply(readOnly, 0, length, KEY, 0))
                        .isInstanceOf(ReadOnlyBufferException.class);
            }
            assertThatThrownBy(() -> Masking.copy(buffer, 0, 20, readOnly, 0, KEY))
                    .isInstanceOf(ReadOnlyBufferException.class);
            Masking.apply(readOnly, 5, 5, KEY, 0); // nothing, which is allowed
            assertThat(buffer).isEqualTo(ByteBuffer.allocate(20));
        }
    }

    @Test
    void aRangeMayNotPassTheLimit() {
        ByteBuffer buffer = ByteBuffer.allocate(20).limit(19);
        assertThatThrownBy(() -> Masking.apply(buffer, 3, 20, KEY, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Masking.apply(buffer, -1, 9, KEY, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Masking.apply(buffer, 9, 8, KEY, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Masking.copy(buffer, 3, 17, ByteBuffer.allocate(20), 0, KEY))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Masking.copy(ByteBuffer.allocate(20), 0, 17, buffer, 3, KEY))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(buffer.clear()).isEqualTo(ByteBuffer.allocate(20));
    }
}
