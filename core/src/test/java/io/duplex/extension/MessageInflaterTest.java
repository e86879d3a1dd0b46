package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Role;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageInflaterTest {
    private static final DeflateParameters TAKEOVER = new DeflateParameters(false, false, 15, 15);
    private static final DeflateParameters NO_TAKEOVER = new DeflateParameters(true, true, 15, 15);

    private final CountingZlib zlib = new CountingZlib();
    private final DeflatePool pool = new DeflatePool(zlib, 2, 0, 1);

    private MessageInflater inflater(DeflateParameters parameters) {
        return new MessageInflater(parameters, Role.SERVER, pool);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String inflateHex(MessageInflater inflater, String payload) throws DataFormatException {
        return HexFormat.of().formatHex(Inflation.inflate(inflater, hex(payload)));
    }

    /** What the JDK's Deflater makes, ending with its flush or with a final block. */
    private static byte[] deflate(Deflater deflater, byte[] plain, int flush) {
        byte[] out = new byte[plain.length + 1024];
        deflater.setInput(plain);
        int length = deflater.deflate(out, 0, out.length, flush);
        return Arrays.copyOf(out, length);
    }

    @Nested
    class Vectored { // RFC 7692 §7.2.2, §7.2.3
        private static final Map<String, JsonNode> MESSAGES = Vectors.read("deflate.json", "messages")
                .collect(Collectors.toMap(vector -> vector.required("id").asText(), Function.identity()));

        static Stream<Arguments> messages() {
            return Vectors.read("deflate.json", "messages")
                    .filter(vector -> vector.has("plain"))
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        @Covers({
            "PMD-6.1-5", "PMD-6.2-1", "PMD-7.1.1.1-2", "PMD-7.1.1.2-4", "PMD-7.1.2.1-2", "PMD-7.1.2.2-7", "PMD-7.2.1-1",
            "PMD-7.2.1-5", "PMD-7.2.1-6", "PMD-7.2.2-1", "PMD-7.2.2-3", "PMD-7.2.2-4", "PMD-7.2.2-6", "PMD-7.2.2-7",
            "PMD-7.2.3-1", "PMD-7.2.3-2", "PMD-7.2.3-3", "PMD-7.2.3-4", "PMD-7.2.3-5", "PMD-7.2.3-6", "PMD-7.2.3-7",
            "PMD-7.2.3-8"
        })
        @ParameterizedTest(name = "{0}")
        @MethodSource("messages")
        void messagesInflateHoweverTheyAreCut(String id, JsonNode vector) throws DataFormatException {
            for (boolean direct : new boolean[] {false, true}) {
                for (int partBytes : new int[] {1, 2, 7, 1 << 20}) {
                    for (int roomBytes : new int[] {1, 3, 1 << 16}) {
                        MessageInflater inflater = inflater(TAKEOVER);
                        for (JsonNode before : chain(vector)) {
                            byte[] payload = hex(before.required("payload").asText());
                            byte[] plain = Inflation.inflate(inflater, payload, partBytes, roomBytes, direct);
                            assertThat(plain)
                                    .isEqualTo(hex(before.required("plain").asText()));
                        }
                    }
                }
            }
        }

        private static Iterable<JsonNode> chain(JsonNode vector) {
            Deque<JsonNode> chain = new ArrayDeque<>();
            for (JsonNode node = vector;
                    node != null;
                    node = MESSAGES.get(node.path("after").asText())) {
                chain.push(node);
            }
            return chain;
        }

        static Stream<Arguments> invalid() {
            return Vectors.read("deflate.json", "invalid")
                    .filter(vector -> !vector.path("inflates").asBoolean())
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        @Covers("PMD-7.2.2-7")
        @ParameterizedTest(name = "{0}")
        @MethodSource("invalid")
        void invalidDataIsRefused(String id, JsonNode vector) {
            byte[] payload = hex(vector.required("payload").asText());
            for (int partBytes : new int[] {1, 1 << 16}) {
                MessageInflater inflater = inflater(TAKEOVER);
                assertThatExceptionOfType(DataFormatException.class)
                        .isThrownBy(() -> Inflation.inflate(inflater, payload, partBytes, 4096, false));
                inflater.close();
            }
        }

        @Test
        @Covers("PMD-POL-1")
        void aBombStopsWhereTheCallerStops() throws DataFormatException {
            JsonNode bomb = MESSAGES.get("PMD-BOMB-16M");
            MessageInflater inflater = inflater(TAKEOVER);
            inflater.input(ByteBuffer.wrap(hex(bomb.required("payload").asText())), true);
            ByteBuffer out = ByteBuffer.allocate(bomb.required("max_message").asInt() + 1);
            while (out.hasRemaining()) {
                assertThat(inflater.inflate(out)).isPositive();
            }
            inflater.close();
            assertThat(zlib.inflatersMade).isOne();
        }

        @Test
        @Covers("PMD-POL-1")
        void aBombIsInflatedToItsEndInTheRoomThatThereIs() throws DataFormatException {
            JsonNode bomb = MESSAGES.get("PMD-BOMB-16M");
            MessageInflater inflater = inflater(NO_TAKEOVER);
            inflater.input(ByteBuffer.wrap(hex(bomb.required("payload").asText())), true);
            ByteBuffer out = ByteBuffer.allocate(4096);
            long total = 0;
            for (int bytes; (bytes = inflater.inflate(out.clear())) > 0; ) {
                total += bytes;
            }
            assertThat(total)
                    .isEqualTo(bomb.required("plain_fill").required("count").asLong());
        }
    }

    @Nested
    class ContextTakeover { // RFC 7692 §7.1.1, §7.2.2
        private static final String HELLO = "f248cdc9c90700";
        private static final String HELLO_AGAIN = "f200110000";
        private static final String HELLO_PLAIN = "48656c6c6f";

        @Test
        @Covers({"PMD-7.2.2-2", "PMD-7.1.1.1-3"})
        void withoutItEachMessageStartsWithAnEmptyWindow() throws DataFormatException {
            MessageInflater inflater = inflater(NO_TAKEOVER);
            assertThat(inflateHex(inflater, HELLO)).isEqualTo(HELLO_PLAIN);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> inflateHex(inflater, HELLO_AGAIN));
        }

        @Test
        @Covers({"PMD-7.1.1.1-2", "PMD-7.2.2-3", "PMD-7.2.2-4"})
        void eachDirectionHasItsOwn() throws DataFormatException {
            DeflateParameters onlyTheClients = new DeflateParameters(true, false, 15, 15);
            MessageInflater atServer = new MessageInflater(onlyTheClients, Role.SERVER, pool);
            MessageInflater atClient = new MessageInflater(onlyTheClients, Role.CLIENT, pool);
            inflateHex(atServer, HELLO);
            inflateHex(atClient, HELLO);
            assertThat(inflateHex(atServer, HELLO_AGAIN)).isEqualTo(HELLO_PLAIN);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> inflateHex(atClient, HELLO_AGAIN));
        }

        @Test
        void connectionsOfOnePoolDoNotSeeEachOther() throws DataFormatException {
            inflateHex(inflater(TAKEOVER), HELLO);
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> inflateHex(inflater(TAKEOVER), HELLO_AGAIN));
        }

        @Test
        @Covers("PMD-7.2.1-6")
        void reachesBackAcrossAFinalBlock() throws DataFormatException {
            MessageInflater inflater = inflater(TAKEOVER);
            assertThat(inflateHex(inflater, "f348cdc9c9070000")).isEqualTo(HELLO_PLAIN);
            assertThat(inflateHex(inflater, HELLO_AGAIN)).isEqualTo(HELLO_PLAIN);
        }

        @ParameterizedTest
        @Covers({"PMD-7.1.2-1", "PMD-7.2.2-5", "PMD-7.2.2-6"})
        @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15})
        void reachesBackAsFarAsTheAgreedWindow(int bits) throws DataFormatException {
            Random random = new Random(bits);
            byte[] window = Samples.RANDOM.bytes(1 << bits, random);
            byte[] before = Samples.RANDOM.bytes(random.nextInt(100_000), random);
            MessageInflater inflater =
                    new MessageInflater(new DeflateParameters(false, false, bits, 15), Role.CLIENT, pool);
            assertThat(Inflation.inflate(inflater, stored(before))).isEqualTo(before);
            for (int from = 0; from < window.length; from += 200) {
                byte[] piece = Arrays.copyOfRange(window, from, Math.min(window.length, from + 200));
                assertThat(Inflation.inflate(inflater, stored(piece))).isEqualTo(piece);
            }
            // A match of 4 bytes at distance 2^bits, in a fixed block: symbol 258, then the greatest distance of these
            // bits.
            BitWriter match = new BitWriter();
            match.bits(0, 1).bits(1, 2).code(258 - 256, 7).code(2 * bits - 1, 5).bits((1 << (bits - 2)) - 1, bits - 2);
            match.code(0, 7).bits(0, 3);
            assertThat(Inflation.inflate(inflater, match.toBytes())).isEqualTo(Arrays.copyOf(window, 4));
        }

        @Test
        @Covers("PMD-7.1.2.1-4")
        void zlibsNineBitsAreTakenWhereEightWereAgreed() throws DataFormatException {
            byte[] window = Samples.RANDOM.bytes(512, new Random(8));
            MessageInflater inflater =
                    new MessageInflater(new DeflateParameters(false, false, 8, 8), Role.CLIENT, pool);
            Inflation.inflate(inflater, stored(window));
            BitWriter match = new BitWriter();
            match.bits(0, 1)
                    .bits(1, 2)
                    .code(2, 7)
                    .code(17, 5)
                    .bits(127, 7)
                    .code(0, 7)
                    .bits(0, 3);
            assertThat(Inflation.inflate(inflater, match.toBytes())).isEqualTo(Arrays.copyOf(window, 4));
        }

        private static byte[] stored(byte[] plain) {
            Deflater deflater = new Deflater(0, true);
            try {
                byte[] out = deflate(deflater, plain, Deflater.SYNC_FLUSH);
                return Arrays.copyOf(out, out.length - 4);
            } finally {
                deflater.end();
            }
        }
    }

    @Nested
    class FinalBlocks { // RFC 7692 §7.2.1, §7.2.3.4
        @Test
        @Covers("PMD-7.2.1-6")
        void mayComeInTheMiddleAndBeReferredBackTo() throws DataFormatException {
            // "abc" in a final block, then a match of 3 at distance 3 in another one
            assertThat(inflateHex(inflater(NO_TAKEOVER), "4b4c4a060002220000")).isEqualTo("616263616263");
        }

        @Test
        @Covers("PMD-7.2.1-6")
        void mayComeManyTimesAcrossAWholeWindow() throws DataFormatException {
            Random random = new Random(1);
            byte[] plain = Samples.ECHOES.bytes(100_000, random);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            for (int from = 0; from < plain.length; ) {
                int to = Math.min(plain.length, from + 1 + random.nextInt(10_000));
                payload.writeBytes(finalBlocks(plain, from, to));
                from = to;
            }
            payload.write(0);
            MessageInflater inflater = inflater(NO_TAKEOVER);
            for (int partBytes : new int[] {1, 1000, 1 << 20}) {
                assertThat(Inflation.inflate(inflater, payload.toByteArray(), partBytes, 777, true))
                        .isEqualTo(plain);
            }
        }

        /** A stream of its own, that refers back to what was before it. */
        private static byte[] finalBlocks(byte[] plain, int from, int to) {
            Deflater deflater = new Deflater(9, true);
            try {
                if (from > 0) {
                    deflater.setDictionary(plain, Math.max(0, from - (1 << 15)), Math.min(from, 1 << 15));
                }
                deflater.setInput(plain, from, to - from);
                deflater.finish();
                byte[] out = new byte[to - from + 1024];
                return Arrays.copyOf(out, deflater.deflate(out));
            } finally {
                deflater.end();
            }
        }

        @Test
        @Covers("PMD-7.2.2-7")
        void mayEndTheMessageWithoutAnotherOctet() throws DataFormatException {
            MessageInflater inflater = inflater(TAKEOVER);
            assertThat(inflateHex(inflater, "f348cdc9c90700")).isEqualTo("48656c6c6f");
            // the same, the end of the message told by an empty fragment
            inflater.input(ByteBuffer.wrap(hex("f348cdc9c90700")), false);
            ByteBuffer out = ByteBuffer.allocate(100);
            assertThat(inflater.inflate(out)).isEqualTo(5);
            assertThat(inflater.inflate(out)).isZero();
            inflater.input(ByteBuffer.allocate(0), true);
            assertThat(inflater.inflate(out)).isZero();
            assertThat(inflateHex(inflater, "f200110000")).isEqualTo("48656c6c6f");
        }

        @ParameterizedTest
        @Covers("PMD-7.2.2-7")
        @ValueSource(strings = {"f348cdc9c9070007", "f348cdc9c90700ff", "f348cdc9c907000102", "030003"})
        void areNotFollowedByGarbage(String payload) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> inflateHex(inflater(TAKEOVER), payload));
        }
    }

    @Nested
    class Ends { // RFC 7692 §7.2.2
        @Test
        @Covers("PMD-7.2.2-7")
        void truncatedDataIsRefusedWhereverItIsCut() {
            byte[] plain = Samples.JSON.bytes(3000, new Random(3));
            Deflater deflater = new Deflater(6, true);
            byte[] whole = deflate(deflater, plain, Deflater.SYNC_FLUSH);
            deflater.end();
            byte[] payload = Arrays.copyOf(whole, whole.length - 4);
            for (int length = 1; length < payload.length; length++) {
                byte[] cut = Arrays.copyOf(payload, length);
                MessageInflater inflater = inflater(NO_TAKEOVER);
                assertThatExceptionOfType(DataFormatException.class)
                        .as("cut at %d of %d", length, payload.length)
                        .isThrownBy(() -> Inflation.inflate(inflater, cut));
                inflater.close();
            }
        }

        @Test
        @Covers("PMD-7.2.2-7")
        void aStoredBlockThatPromisesMoreIsRefused() {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> inflateHex(inflater(TAKEOVER), "00ff0000ff41"));
        }

        @Test
        @Covers("PMD-7.2.2-7")
        void aMessageWithoutAnyOctetIsEmpty() throws DataFormatException {
            MessageInflater inflater = inflater(TAKEOVER);
            inflater.input(ByteBuffer.allocate(0), true);
            assertThat(inflater.inflate(ByteBuffer.allocate(1))).isZero();
            assertThat(zlib.inflatersMade).isZero();
        }

        @Test
        @Covers("PMD-6.2-1")
        void emptyFragmentsChangeNothing() throws DataFormatException {
            MessageInflater inflater = inflater(TAKEOVER);
            ByteBuffer out = ByteBuffer.allocate(100);
            ByteBuffer nothing = ByteBuffer.allocate(0);
            for (int i = 0; i < 2; i++) {
                out.clear();
                inflater.input(nothing, false);
                assertThat(inflater.inflate(out)).isZero();
                inflater.input(ByteBuffer.wrap(hex("f248cd")), false);
                assertThat(inflater.inflate(out)).isEqualTo(2);
                assertThat(inflater.inflate(out)).isZero();
                inflater.input(nothing, false);
                assertThat(inflater.inflate(out)).isZero();
                inflater.input(ByteBuffer.wrap(hex("c9c90700")), false);
                assertThat(inflater.inflate(out)).isEqualTo(3);
                assertThat(inflater.inflate(out)).isZero();
                inflater.input(nothing, true);
                assertThat(inflater.inflate(out)).isZero();
                assertThat(Samples.toArray(out.flip())).asString().isEqualTo("Hello");
            }
        }

        @Test
        void theInputIsConsumedToItsLimitAndNotBeyond() throws DataFormatException {
            ByteBuffer network = ByteBuffer.wrap(hex("ffff" + "f248cdc9c90700" + "818568"));
            ByteBuffer message = network.duplicate().position(2).limit(9);
            MessageInflater inflater = inflater(TAKEOVER);
            inflater.input(message, true);
            ByteBuffer out = ByteBuffer.allocate(100);
            assertThat(inflater.inflate(out)).isEqualTo(5);
            assertThat(inflater.inflate(out)).isZero();
            assertThat(message.position()).isEqualTo(9);
        }

        @Test
        void theInputIsNotReadAgainOnceItIsThrough() throws DataFormatException {
            ByteBuffer buffer = ByteBuffer.wrap(hex("f248cd"));
            MessageInflater inflater = inflater(TAKEOVER);
            ByteBuffer out = ByteBuffer.allocate(100);
            inflater.input(buffer, false);
            assertThat(inflater.inflate(out)).isEqualTo(2);
            assertThat(inflater.inflate(out)).isZero();
            buffer.clear(); // its owner uses it for something else
            assertThat(inflater.inflate(out)).isZero();
            inflater.input(ByteBuffer.wrap(hex("c9c90700")), true);
            assertThat(inflater.inflate(out)).isEqualTo(3);
        }

        @ParameterizedTest
        @Covers("PMD-7.2.2-7")
        @ValueSource(
                strings = {"f248cdc9c90707", "f248cdc9c907000102"}) // a reserved block type, a stored block cut off
        void aFaultComesAfterTheBytesBeforeItAndEveryTime(String payload) {
            MessageInflater inflater = inflater(TAKEOVER);
            ByteBuffer out = ByteBuffer.allocate(100);
            inflater.input(ByteBuffer.wrap(hex(payload)), true);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> {
                while (inflater.inflate(out) > 0) {}
            });
            assertThat(Samples.toArray(out.duplicate().flip())).asString().startsWith("Hello");
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> inflater.inflate(out));
            }
        }

        @Test
        void anOutputWithoutRoomIsTheCallersFault() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> inflater(TAKEOVER).inflate(ByteBuffer.allocate(0)));
        }
    }

    @Nested
    class NativeMemory {
        @Test
        @Covers("PMD-POL-2")
        void isHeldOnlyWhileAMessageComesIn() throws DataFormatException {
            MessageInflater[] inflaters = new MessageInflater[10_000];
            for (int i = 0; i < inflaters.length; i++) {
                inflaters[i] = inflater(i % 2 == 0 ? TAKEOVER : NO_TAKEOVER);
                assertThat(Inflation.inflate(inflaters[i], hex("f248cdc9c90700")))
                        .hasSize(5);
            }
            assertThat(zlib.inflatersMade).isOne();
            assertThat(inflateHex(inflaters[0], "f200110000")).isEqualTo("48656c6c6f");
        }

        @Test
        @Covers("PMD-POL-2")
        void isGivenBackOnCloseAndOnFailure() {
            MessageInflater[] inflaters = new MessageInflater[100];
            for (int i = 0; i < inflaters.length; i++) {
                inflaters[i] = inflater(TAKEOVER);
                inflaters[i].input(ByteBuffer.wrap(hex(i % 2 == 0 ? "f248cd" : "07")), false);
                try {
                    inflaters[i].inflate(ByteBuffer.allocate(100));
                } catch (DataFormatException e) {
                    assertThat(i % 2).isOne();
                }
            }
            assertThat(zlib.inflatersAlive).isEqualTo(100);
            for (MessageInflater inflater : inflaters) {
                inflater.close();
                inflater.close();
            }
            assertThat(zlib.inflatersAlive).isEqualTo(2);
            pool.close();
            assertThat(zlib.inflatersAlive).isZero();
        }

        @Test
        @Covers("PMD-7.2.2-7")
        void servesTheNextConnectionAfterAFailure() throws DataFormatException {
            MessageInflater broken = inflater(NO_TAKEOVER);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> inflateHex(broken, "07"));
            broken.close();
            assertThat(inflateHex(inflater(NO_TAKEOVER), "f248cdc9c90700")).isEqualTo("48656c6c6f");
            assertThat(zlib.inflatersMade).isOne();
        }
    }

    @Test
    void finalBlocksInsideAMessageAreLimited() throws DataFormatException {
        MessageInflater inflater = inflater(TAKEOVER);
        for (int message = 0; message < 3; message++) {
            assertThat(inflateHex(inflater, "0300".repeat(MessageInflater.MAX_RESTARTS) + "00"))
                    .isEmpty();
        }
        byte[] tooMany = hex("0300".repeat(MessageInflater.MAX_RESTARTS + 1) + "00");
        for (int partBytes : new int[] {1, 1 << 16}) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> Inflation.inflate(inflater, tooMany, partBytes, 4096, false))
                    .withMessageContaining("too many final blocks");
            inflater.close();
        }
    }
}
