package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDeflaterTest {
    private static final DeflateParameters TAKEOVER = new DeflateParameters(false, false, 15, 15);
    private static final DeflateParameters NO_TAKEOVER = new DeflateParameters(true, true, 15, 15);

    private final CountingZlib zlib = new CountingZlib();
    private final DeflatePool pool = new DeflatePool(zlib, 2, 3, 1);

    private MessageDeflater deflater(DeflateParameters parameters) {
        return new MessageDeflater(parameters, Role.SERVER, PermessageDeflate.DEFAULT, pool);
    }

    private static byte[] compress(MessageDeflater deflater, byte[] plain) {
        return Samples.toArray(deflater.compress(ByteBuffer.wrap(plain), true));
    }

    private static String compressHex(MessageDeflater deflater, String text, boolean last) {
        ByteBuffer plain = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(Samples.toArray(deflater.compress(plain, last)));
    }

    @Nested
    class Samples7692 { // RFC 7692 §7.2.3
        @Test
        @Covers({"PMD-7.2.1-1", "PMD-7.2.1-3", "PMD-7.2.3-1", "PMD-7.2.3-3"})
        void helloTwiceWithContextTakeover() {
            MessageDeflater deflater = deflater(TAKEOVER);
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f248cdc9c90700");
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f200110000");
        }

        @Test
        @Covers({"PMD-7.2.1-8", "PMD-7.2.1-9"})
        void helloTwiceWithoutContextTakeover() {
            MessageDeflater deflater = deflater(NO_TAKEOVER);
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f248cdc9c90700");
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f248cdc9c90700");
        }

        @Test
        @Covers({"PMD-7.2.3-7", "PMD-7.2.1-2"})
        void emptyMessagesAreOneOctetAlwaysAndAnywhere() {
            for (DeflateParameters parameters : new DeflateParameters[] {TAKEOVER, NO_TAKEOVER}) {
                MessageDeflater deflater = deflater(parameters);
                assertThat(compressHex(deflater, "", true)).isEqualTo("00");
                assertThat(compressHex(deflater, "", true)).isEqualTo("00");
                compressHex(deflater, "Hello", true);
                assertThat(compressHex(deflater, "", true)).isEqualTo("00");
            }
        }
    }

    @Nested
    class Parts { // RFC 7692 §6.1, §7.2.1
        @Test
        @Covers({"PMD-7.2.1-3", "PMD-7.2.1-4"})
        void onlyTheLastLosesItsTail() {
            MessageDeflater deflater = deflater(NO_TAKEOVER);
            assertThat(compressHex(deflater, "Hel", false))
                    .isEqualTo("f248cd01000000ffff")
                    .endsWith("0000ffff");
            assertThat(compressHex(deflater, "lo", true)).isEqualTo("cac90700");
        }

        @Test
        @Covers({"PMD-7.2.1-4", "PMD-7.2.3-7"})
        void mayBeEmptyAtTheBeginningInTheMiddleAndAtTheEnd() throws DataFormatException {
            for (DeflateParameters parameters : new DeflateParameters[] {TAKEOVER, NO_TAKEOVER}) {
                MessageDeflater deflater = deflater(parameters);
                assertThat(compressHex(deflater, "", false)).isEmpty();
                String first = compressHex(deflater, "Hel", false);
                assertThat(compressHex(deflater, "", false)).isEmpty();
                String second = compressHex(deflater, "lo", false);
                assertThat(second).endsWith("0000ffff");
                assertThat(compressHex(deflater, "", true)).isEqualTo("00");
                assertThat(new StrictInflater(15, false).inflate(HexFormat.of().parseHex(first + second + "00")))
                        .asString()
                        .isEqualTo("Hello");
            }
        }

        @Test
        @Covers("PMD-7.2.1-4")
        void eachCanBeInflatedAtOnce() throws DataFormatException {
            byte[] plain = Samples.JSON.bytes(50_000, new Random(1));
            MessageDeflater deflater = deflater(NO_TAKEOVER);
            MessageInflater inflater = new MessageInflater(NO_TAKEOVER, Role.CLIENT, pool);
            ByteBuffer out = ByteBuffer.allocate(20_000);
            for (int from = 0; from < plain.length; from += 10_000) {
                boolean last = from == 40_000;
                ByteArrayOutputStream part = new ByteArrayOutputStream();
                byte[] octets = Samples.toArray(deflater.compress(ByteBuffer.wrap(plain, from, 10_000), last));
                inflater.input(ByteBuffer.wrap(octets), last);
                Inflation.drain(inflater, out, part);
                assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(plain, from, from + 10_000));
            }
        }

        @Test
        void areReadFromPositionToLimitAndKeptByNobody() {
            ByteBuffer plain = ByteBuffer.wrap("xxHelloyy".getBytes(StandardCharsets.US_ASCII), 2, 5);
            MessageDeflater deflater = deflater(TAKEOVER);
            assertThat(HexFormat.of().formatHex(Samples.toArray(deflater.compress(plain, true))))
                    .isEqualTo("f248cdc9c90700");
            assertThat(plain.position()).isEqualTo(7);
            assertThat(plain.limit()).isEqualTo(7);
            plain.clear(); // its owner uses it for something else
            assertThat(compressHex(deflater, "", true)).isEqualTo("00");
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f200110000");
        }

        @ParameterizedTest
        @EnumSource
        void mayLieInDirectMemory(Samples samples) {
            byte[] plain = samples.bytes(70_000, new Random(2));
            byte[] fromHeap = compress(deflater(NO_TAKEOVER), plain);
            byte[] fromDirect = Samples.toArray(deflater(NO_TAKEOVER).compress(Samples.direct(plain), true));
            assertThat(fromDirect).isEqualTo(fromHeap);
        }
    }

    @Nested
    class Output {
        @Test
        @Covers({"PMD-7.2.1-3", "PMD-7.2.1-4"})
        void losesItsTailOnceAlsoWhenItJustFillsTheBuffer() {
            byte[] plain = Samples.RANDOM.bytes(66_500, new Random(4));
            int fills = 0;
            for (int length = 65_500; length <= plain.length; length++) {
                byte[] message = Arrays.copyOf(plain, length);
                DeflatePool tight = new DeflatePool(zlib, 1, 0, 1);
                MessageDeflater deflater =
                        new MessageDeflater(NO_TAKEOVER, Role.SERVER, PermessageDeflate.DEFAULT, tight);
                ByteBuffer payload = deflater.compress(ByteBuffer.wrap(message), true);
                if (payload.capacity() > 2 * 65_800) {
                    fills++;
                }
                assertThat(new StrictInflater(15, false).inflate(Samples.toArray(payload)))
                        .isEqualTo(message);
                tight.close();
            }
            assertThat(fills).as("lengths that needed more than one buffer").isBetween(1, 999);
        }

        @Test
        void growsWithBigMessages() {
            byte[] plain = Samples.RANDOM.bytes(3 << 20, new Random(5));
            byte[] payload = compress(deflater(NO_TAKEOVER), plain);
            assertThat(new StrictInflater(15, false).inflate(payload)).isEqualTo(plain);
        }

        @Test
        void mayBeChangedByTheCaller() {
            MessageDeflater deflater = deflater(TAKEOVER);
            ByteBuffer payload = deflater.compress(ByteBuffer.wrap("Hello".getBytes(StandardCharsets.US_ASCII)), true);
            while (payload.hasRemaining()) {
                payload.put((byte) -1); // a mask, say
            }
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f200110000");
        }
    }

    @Nested
    class Windows { // RFC 7692 §7.1.2, §7.2.1
        @ParameterizedTest
        @Covers({"PMD-7.1.2.1-4", "PMD-7.2.1-7", "PMD-7.2.1-10", "PMD-7.2.1-11"})
        @CsvSource({"8", "9", "10", "11", "12", "13", "14", "15"})
        void noReferenceReachesBackFurtherThanAgreed(int bits) {
            for (boolean takeover : new boolean[] {true, false}) {
                for (Samples samples : Samples.values()) {
                    Random random = new Random(bits);
                    DeflateParameters parameters = new DeflateParameters(!takeover, true, bits, 15);
                    MessageDeflater deflater = new MessageDeflater(
                            parameters,
                            Role.SERVER,
                            PermessageDeflate.builder().level(9).build(),
                            pool);
                    StrictInflater judge = new StrictInflater(bits, takeover);
                    for (int i = 0; i < 20; i++) {
                        byte[] plain = samples.bytes(random.nextInt(3 << bits), random);
                        assertThat(judge.inflate(compress(deflater, plain))).isEqualTo(plain);
                    }
                    if (samples == Samples.ECHOES) {
                        assertThat(judge.greatestDistance()).isBetween((1 << bits) / 2, 1 << bits);
                    }
                    deflater.close();
                }
            }
        }

        @Test
        @Covers({"PMD-7.2.1-10", "PMD-7.1.2.2-2"})
        void areThoseOfTheSideThatSends() {
            DeflateParameters parameters = new DeflateParameters(true, true, 15, 8);
            MessageDeflater atClient = new MessageDeflater(parameters, Role.CLIENT, PermessageDeflate.DEFAULT, pool);
            byte[] plain = new byte[10_000];
            byte[] half = Samples.RANDOM.bytes(300, new Random(6));
            System.arraycopy(half, 0, plain, 0, 300);
            System.arraycopy(half, 0, plain, 400, 300);
            StrictInflater judge = new StrictInflater(8, false);
            assertThat(judge.inflate(compress(atClient, plain))).isEqualTo(plain);
            assertThat(compress(deflater(parameters), plain)).hasSizeLessThan(compress(atClient, plain).length);
        }

        @ParameterizedTest
        @Covers({"PMD-7.2.1-10", "PMD-7.2.1-11"})
        @ValueSource(ints = {1, 255, 256, 257, 511, 512, 513, 1024})
        void areKeptAcrossPartsAndMessages(int partBytes) {
            byte[] plain = Samples.ECHOES.bytes(20_000, new Random(7));
            MessageDeflater deflater = deflater(new DeflateParameters(false, true, 8, 15));
            StrictInflater judge = new StrictInflater(8, true);
            for (int message = 0; message < 2; message++) {
                ByteArrayOutputStream payload = new ByteArrayOutputStream();
                for (int from = 0; from < plain.length; from += partBytes) {
                    int length = Math.min(partBytes, plain.length - from);
                    boolean last = from + length == plain.length;
                    payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(plain, from, length), last)));
                }
                assertThat(judge.inflate(payload.toByteArray())).isEqualTo(plain);
            }
        }
    }

    @Nested
    class ShortMessages {
        private static final byte[] JSON = Samples.JSON.bytes(FixedCodeDeflater.MAX_BYTES, new Random(11));

        @Test
        void goWithoutZlibWhereTheyRepeatThemselves() {
            assertThat(compress(deflater(NO_TAKEOVER), JSON)).hasSizeLessThanOrEqualTo(JSON.length / 2);
            assertThat(zlib.deflatersMade).isZero();
        }

        @Test
        void goThroughZlibWhereFixedCodesSaveTooLittle() {
            byte[] digits = new byte[1000];
            Random random = new Random(12);
            for (int i = 0; i < digits.length; i++) {
                digits[i] = (byte) ('0' + random.nextInt(10));
            }
            byte[] payload = compress(deflater(NO_TAKEOVER), digits);
            assertThat(zlib.deflatersMade).isOne();
            assertThat(payload).hasSizeLessThan(digits.length * 6 / 10);
            assertThat(new StrictInflater(15, false).inflate(payload)).isEqualTo(digits);
        }

        @Test
        void goThroughZlibWhereAContextOrAnotherLevelWasAskedFor() {
            compress(deflater(TAKEOVER), JSON);
            assertThat(zlib.deflatersMade).isOne();
            PermessageDeflate small = PermessageDeflate.builder().level(6).build();
            compress(new MessageDeflater(NO_TAKEOVER, Role.SERVER, small, pool), JSON);
            assertThat(zlib.deflatersMade).isEqualTo(2);
        }

        @Test
        void thatAreTheEndOfALongOneGoTheWayOfTheOthers() {
            MessageDeflater deflater = deflater(NO_TAKEOVER);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(JSON), false)));
            payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(JSON), true)));
            assertThat(zlib.deflatersMade).isOne();
            assertThat(payload.size()).isLessThan(JSON.length / 2);
        }

        @Test
        void areReadFromWhereverTheyLie() {
            ByteBuffer direct = ByteBuffer.allocateDirect(JSON.length + 10).position(5);
            direct.put(JSON).flip().position(5);
            byte[] payload = Samples.toArray(deflater(NO_TAKEOVER).compress(direct, true));
            assertThat(direct.hasRemaining()).isFalse();
            assertThat(new StrictInflater(15, false).inflate(payload)).isEqualTo(JSON);
        }
    }

    @Nested
    class Contexts { // RFC 7692 §7.2.1
        private static final byte[] JSON = Samples.JSON.bytes(1000, new Random(8));

        @Test
        @Covers({"PMD-7.2.1-8", "PMD-7.2.1-9", "PMD-POL-2"})
        void withoutTakeoverOneDeflaterServesAll() {
            byte[] tooLongForFixedCodes = Samples.JSON.bytes(FixedCodeDeflater.MAX_BYTES + 1, new Random(8));
            for (int i = 0; i < 10_000; i++) {
                compress(deflater(NO_TAKEOVER), tooLongForFixedCodes);
            }
            assertThat(zlib.deflatersMade).isOne();
        }

        @Test
        @Covers("PMD-POL-2")
        void beyondTheBoundMessagesAreCompressedByThemselves() throws DataFormatException {
            MessageDeflater[] deflaters = new MessageDeflater[100];
            MessageInflater[] inflaters = new MessageInflater[100];
            for (int i = 0; i < 100; i++) {
                deflaters[i] = deflater(TAKEOVER);
                inflaters[i] = new MessageInflater(TAKEOVER, Role.CLIENT, pool);
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 100; i++) {
                    byte[] payload = compress(deflaters[i], JSON);
                    assertThat(payload.length < 50).isEqualTo(round > 0 && i < 3); // 3 have a context
                    assertThat(Inflation.inflate(inflaters[i], payload)).isEqualTo(JSON);
                }
            }
            assertThat(zlib.deflatersMade).isEqualTo(4);
            deflaters[0].close();
            byte[] withNewContext = compress(deflaters[99], JSON);
            assertThat(withNewContext).hasSizeGreaterThan(50);
            assertThat(compress(deflaters[99], JSON)).hasSizeLessThan(50);
        }

        @Test
        @Covers({"PMD-POL-2", "PMD-7.2.1-5"})
        void beyondTheBoundMessagesInPartsAreStored() throws DataFormatException {
            byte[] plain = Samples.JSON.bytes(200_000, new Random(9));
            MessageDeflater[] busy = {deflater(NO_TAKEOVER), deflater(NO_TAKEOVER), deflater(TAKEOVER)};
            for (MessageDeflater deflater : busy) {
                deflater.compress(ByteBuffer.wrap(JSON), false);
            }
            for (DeflateParameters parameters : new DeflateParameters[] {TAKEOVER, NO_TAKEOVER}) {
                MessageDeflater deflater = deflater(parameters);
                ByteArrayOutputStream payload = new ByteArrayOutputStream();
                payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(plain, 0, 150_000), false)));
                payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.allocate(0), false)));
                payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(plain, 150_000, 50_000), true)));
                assertThat(payload.size()).isGreaterThan(plain.length);
                assertThat(new StrictInflater(8, false).inflate(payload.toByteArray()))
                        .isEqualTo(plain);
                assertThat(compress(deflater, JSON)).hasSizeLessThan(JSON.length / 2); // the next one is compressed
            }
            assertThat(zlib.deflatersAlive).isEqualTo(4);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            payload.writeBytes(Samples.toArray(busy[0].compress(ByteBuffer.wrap(JSON), true)));
            assertThat(payload.size()).isLessThan(JSON.length / 2);
        }

        @Test
        @Covers("PMD-7.2.1-5")
        void aStoredMessageMayEndWithAnEmptyPart() {
            DeflatePool none = new DeflatePool(zlib, 0, 0, 1);
            MessageDeflater deflater = new MessageDeflater(NO_TAKEOVER, Role.SERVER, PermessageDeflate.DEFAULT, none);
            assertThat(compressHex(deflater, "Hello", false)).isEqualTo("000500faff48656c6c6f");
            assertThat(compressHex(deflater, "", true)).isEqualTo("00");
            assertThat(compressHex(deflater, "Hello", true)).isEqualTo("f248cdc9c90700");
            assertThat(zlib.deflatersAlive).isZero();
        }

        @Test
        @Covers("PMD-POL-2")
        void areGivenUpWhenAskedBetweenMessagesOnly() throws DataFormatException {
            MessageDeflater deflater = deflater(TAKEOVER);
            MessageInflater inflater = new MessageInflater(TAKEOVER, Role.CLIENT, pool);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(JSON), false)));
            deflater.releaseContext();
            payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(JSON), true)));
            assertThat(Inflation.inflate(inflater, payload.toByteArray())).hasSize(2 * JSON.length);
            assertThat(zlib.deflatersMade).isOne();
            deflater.releaseContext();
            pool.trim();
            assertThat(zlib.deflatersAlive).isZero();
            assertThat(Inflation.inflate(inflater, compress(deflater, JSON))).isEqualTo(JSON);
        }

        @Test
        @Covers("PMD-POL-2")
        void areGivenBackOnClose() {
            MessageDeflater between = deflater(TAKEOVER);
            compress(between, JSON);
            MessageDeflater inside = deflater(NO_TAKEOVER);
            inside.compress(ByteBuffer.wrap(JSON), false);
            assertThat(zlib.deflatersAlive).isEqualTo(2);
            pool.close();
            assertThat(zlib.deflatersAlive).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                between.close();
                inside.close();
            }
            assertThat(zlib.deflatersAlive).isZero();
        }
    }
}
