package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FixedCodeDeflaterTest {
    private static final DeflateParameters ALONE = new DeflateParameters(true, true, 15, 15);

    private final FixedCodeDeflater deflater = new FixedCodeDeflater();

    private static byte[] compress(FixedCodeDeflater deflater, byte[] plain, int windowBits) {
        ByteBuffer out = ByteBuffer.allocate(FixedCodeDeflater.maxOutputBytes(plain.length));
        deflater.compress(ByteBuffer.wrap(plain), 1 << windowBits, out);
        return Samples.toArray(out.flip());
    }

    @ParameterizedTest
    @EnumSource(Samples.class)
    void messagesOfEveryLengthComeBack(Samples kind) throws DataFormatException {
        Random random = new Random(1);
        MessageInflater zlib = new MessageInflater(ALONE, Role.CLIENT, new DeflatePool());
        StrictInflater judge = new StrictInflater(15, false);
        for (int length = 1; length <= FixedCodeDeflater.MAX_BYTES; length++) {
            byte[] plain = kind.bytes(length, random);
            byte[] payload = compress(deflater, plain, 15);
            assertThat(judge.inflate(payload)).isEqualTo(plain);
            assertThat(Inflation.inflate(zlib, payload)).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 11, 15})
    void referencesStayInTheWindowAndInTheMessage(int windowBits) {
        StrictInflater judge = new StrictInflater(windowBits, false);
        for (int seed = 0; seed < 300; seed++) {
            for (Samples kind : Samples.values()) {
                byte[] plain = kind.bytes(FixedCodeDeflater.MAX_BYTES, new Random(seed));
                assertThat(judge.inflate(compress(deflater, plain, windowBits))).isEqualTo(plain);
            }
        }
        assertThat(judge.greatestDistance())
                .isGreaterThan(Math.min(1 << windowBits, FixedCodeDeflater.MAX_BYTES) * 3 / 4);
    }

    @Test
    void everyByteHasItsCode() {
        byte[] plain = new byte[256];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) i;
        }
        assertThat(new StrictInflater(15, false).inflate(compress(deflater, plain, 15)))
                .isEqualTo(plain);
    }

    @Test
    void matchesOfEveryLengthComeBack() {
        for (int length = 1; length <= 600; length++) {
            byte[] plain = new byte[2 * 600 + 1];
            new Random(length).nextBytes(plain);
            System.arraycopy(plain, 0, plain, 601, length);
            byte[] message = Arrays.copyOf(plain, 601 + length);
            assertThat(new StrictInflater(15, false).inflate(compress(deflater, message, 15)))
                    .isEqualTo(message);
        }
    }

    @Test
    void whatAnEarlierMessageLeftIsNotReferredTo() {
        byte[] plain = Samples.RANDOM.bytes(1000, new Random(2));
        byte[] first = compress(deflater, plain, 15);
        assertThat(compress(deflater, plain, 15)).isEqualTo(first);
    }

    @Test
    void positionsMayBeCountedForEver() {
        FixedCodeDeflater old = new FixedCodeDeflater(Integer.MAX_VALUE - 5 * FixedCodeDeflater.MAX_BYTES);
        StrictInflater judge = new StrictInflater(15, false);
        for (int i = 0; i < 10; i++) {
            byte[] plain = Samples.JSON.bytes(FixedCodeDeflater.MAX_BYTES, new Random(i));
            byte[] payload = compress(old, plain, 15);
            assertThat(judge.inflate(payload)).isEqualTo(plain);
            assertThat(payload).isEqualTo(compress(deflater, plain, 15));
        }
    }
}
