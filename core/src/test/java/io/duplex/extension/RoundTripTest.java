package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both directions of a connection, under all 256 sets of parameters. */
@Covers({
    "PMD-5-15", "PMD-7.1.1.1-2", "PMD-7.1.1.2-4", "PMD-7.1.2-1", "PMD-7.2.1-1", "PMD-7.2.1-2", "PMD-7.2.1-3",
            "PMD-7.2.1-7",
    "PMD-7.2.1-8", "PMD-7.2.1-9", "PMD-7.2.1-10", "PMD-7.2.1-11", "PMD-7.2.2-1", "PMD-7.2.2-2", "PMD-7.2.2-3",
            "PMD-7.2.2-4"
})
class RoundTripTest {
    private static final int MAX_MESSAGE_BYTES = 128 << 10;

    private static final List<byte[]> SOURCES = Stream.of(Samples.values())
            .map(samples -> samples.bytes(2 * MAX_MESSAGE_BYTES, new Random(0)))
            .toList();

    private final DeflatePool pool = new DeflatePool();
    private final ByteBuffer plain = ByteBuffer.allocate(MAX_MESSAGE_BYTES);
    private final ByteBuffer directPlain = ByteBuffer.allocateDirect(MAX_MESSAGE_BYTES);
    private final ByteBuffer received = ByteBuffer.allocate(MAX_MESSAGE_BYTES + 1);

    @AfterEach
    void closePool() {
        pool.close();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void messagesOfEveryKindAndSizeComeThrough(boolean serverNoTakeover, boolean clientNoTakeover) throws Exception {
        everyWindow(serverNoTakeover, clientNoTakeover, 4);
    }

    /** The same with a thousand messages for each set. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    @EnabledIfSystemProperty(named = "duplex.slow", matches = "true")
    void manyMessagesOfEveryKindAndSizeComeThrough(boolean serverNoTakeover, boolean clientNoTakeover)
            throws Exception {
        everyWindow(serverNoTakeover, clientNoTakeover, 1000);
    }

    private void everyWindow(boolean serverNoTakeover, boolean clientNoTakeover, int messages) throws Exception {
        for (int serverBits = 8; serverBits <= 15; serverBits++) {
            for (int clientBits = 8; clientBits <= 15; clientBits++) {
                DeflateParameters parameters =
                        new DeflateParameters(serverNoTakeover, clientNoTakeover, serverBits, clientBits);
                // What a side sends depends on its own half of the parameters: it need not be judged for every other
                // half.
                boolean judged = serverBits == clientBits;
                send(
                        parameters,
                        Role.SERVER,
                        messages,
                        judged ? new StrictInflater(serverBits, !serverNoTakeover) : null);
                send(
                        parameters,
                        Role.CLIENT,
                        messages,
                        judged ? new StrictInflater(clientBits, !clientNoTakeover) : null);
            }
        }
    }

    private void send(DeflateParameters parameters, Role sender, int messages, StrictInflater judge) throws Exception {
        Role receiver = sender == Role.SERVER ? Role.CLIENT : Role.SERVER;
        MessageDeflater deflater = new MessageDeflater(parameters, sender, PermessageDeflate.DEFAULT, pool);
        MessageInflater inflater = new MessageInflater(parameters, receiver, pool);
        Random random = new Random(31 * parameters.serverMaxWindowBits() + parameters.clientMaxWindowBits());
        for (int i = 0; i < messages; i++) {
            byte[] source = SOURCES.get(random.nextInt(SOURCES.size()));
            int length = length(random);
            int from = random.nextInt(source.length - length + 1);
            ByteBuffer message = (i % 2 == 0 ? plain : directPlain)
                    .clear()
                    .put(source, from, length)
                    .flip();
            byte[] payload = compress(deflater, message, random);
            if (judge != null) {
                assertThat(Arrays.equals(judge.inflate(payload), 0, length, source, from, from + length))
                        .as("%s bytes by the judge, %s, %s", length, parameters, sender)
                        .isTrue();
            }
            inflate(inflater, payload, random);
            assertThat(received.flip().equals(ByteBuffer.wrap(source, from, length)))
                    .as("%s bytes, %s, %s", length, parameters, sender)
                    .isTrue();
        }
        deflater.close();
        inflater.close();
    }

    /** As many small lengths as big ones, the powers of two and their neighbours more often. */
    private static int length(Random random) {
        int power = 1 << random.nextInt(18);
        int length = random.nextBoolean() ? power + random.nextInt(power) : power + random.nextInt(3) - 1;
        return Math.min(length, MAX_MESSAGE_BYTES);
    }

    private static byte[] compress(MessageDeflater deflater, ByteBuffer message, Random random) {
        if (random.nextInt(4) > 0) {
            return Samples.toArray(deflater.compress(message, true));
        }
        int end = message.limit();
        byte[] first = Samples.toArray(deflater.compress(message.limit(random.nextInt(end + 1)), false));
        byte[] second = Samples.toArray(deflater.compress(message.limit(end), true));
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private void inflate(MessageInflater inflater, byte[] payload, Random random) throws DataFormatException {
        received.clear();
        int cut = random.nextInt(4) > 0 ? payload.length : random.nextInt(payload.length + 1);
        inflater.input(ByteBuffer.wrap(payload, 0, cut), cut == payload.length);
        drain(inflater);
        if (cut < payload.length) {
            inflater.input(ByteBuffer.wrap(payload, cut, payload.length - cut), true);
            drain(inflater);
        }
    }

    private void drain(MessageInflater inflater) throws DataFormatException {
        int bytes;
        do {
            bytes = inflater.inflate(received);
        } while (bytes > 0);
    }
}
