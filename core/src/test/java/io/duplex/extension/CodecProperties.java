package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CodecProperties {
    private final DeflatePool pool = new DeflatePool(1, 1);

    @Property(tries = 300)
    @Covers({"PMD-6.1-5", "PMD-6.2-1"})
    void everySplitOfTheInputAndEverySizeOfTheOutputGiveTheSameBytes(
            @ForAll Samples samples,
            @ForAll @IntRange(max = 5000) int length,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 6000) int partBytes,
            @ForAll @IntRange(min = 1, max = 6000) int roomBytes,
            @ForAll boolean direct,
            @ForAll boolean noTakeover)
            throws DataFormatException {
        DeflateParameters parameters = new DeflateParameters(noTakeover, noTakeover, 15, 15);
        MessageDeflater deflater = new MessageDeflater(parameters, Role.CLIENT, PermessageDeflate.DEFAULT, pool);
        MessageInflater inflater = new MessageInflater(parameters, Role.SERVER, pool);
        byte[] plain = samples.bytes(length, new Random(seed));
        for (int i = 0; i < 2; i++) {
            byte[] payload = Samples.toArray(deflater.compress(ByteBuffer.wrap(plain), true));
            assertThat(Inflation.inflate(inflater, payload, partBytes, roomBytes, direct))
                    .isEqualTo(plain);
        }
        deflater.close();
        inflater.close();
    }

    @Property(tries = 100)
    @Covers({"PMD-7.2.1-3", "PMD-7.2.1-4", "PMD-7.2.1-11"})
    void everySplitIntoPartsGivesTheSameMessageWithinTheWindow(
            @ForAll Samples samples,
            @ForAll long seed,
            @ForAll @Size(max = 8) List<@IntRange(max = 2000) Integer> partBytes,
            @ForAll @IntRange(min = 8, max = 15) int bits,
            @ForAll boolean noTakeover) {
        DeflateParameters parameters = new DeflateParameters(noTakeover, true, bits, 15);
        MessageDeflater deflater = new MessageDeflater(parameters, Role.SERVER, PermessageDeflate.DEFAULT, pool);
        StrictInflater judge = new StrictInflater(bits, !noTakeover);
        int length = partBytes.stream().mapToInt(Integer::intValue).sum();
        byte[] plain = samples.bytes(length, new Random(seed));
        for (int i = 0; i < 2; i++) {
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            int from = 0;
            for (int bytes : partBytes) {
                payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.wrap(plain, from, bytes), false)));
                from += bytes;
            }
            payload.writeBytes(Samples.toArray(deflater.compress(ByteBuffer.allocate(0), true)));
            assertThat(judge.inflate(payload.toByteArray())).isEqualTo(plain);
        }
        deflater.close();
    }

    @Property(tries = 500)
    @Covers("PMD-7.2.2-6")
    void theHistoryIsTheEndOfAllThatWasInflated(
            @ForAll("maxBytes") int maxBytes,
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 3000) Integer> lengths) {
        History history = new History(maxBytes, pool);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Random random = new Random(lengths.hashCode());
        ByteBuffer out = ByteBuffer.allocate(3000);
        for (int length : lengths) {
            byte[] bytes = Samples.RANDOM.bytes(length, random);
            all.writeBytes(bytes);
            history.append(out.clear().put(bytes), length);
            byte[] expected = all.toByteArray();
            assertThat(loaded(history))
                    .isEqualTo(Arrays.copyOfRange(expected, Math.max(0, expected.length - maxBytes), expected.length));
        }
        history.clear();
        assertThat(loaded(history)).isEmpty();
    }

    @Provide
    Arbitrary<Integer> maxBytes() {
        return Arbitraries.of(512, 1024, 4096, 32768);
    }

    private static byte[] loaded(History history) {
        ByteArrayOutputStream loaded = new ByteArrayOutputStream();
        Inflater recorder = new Inflater(true) {
            @Override
            public void setDictionary(byte[] dictionary, int offset, int length) {
                loaded.write(dictionary, offset, length);
            }
        };
        history.load(recorder);
        recorder.end();
        return loaded.toByteArray();
    }

    @Property
    @Covers({"WS-4.3-5", "WS-9.1-4"})
    void whatIsWrittenByTheGrammarIsReadAsItIs(
            @ForAll("elements") List<ExtensionElement> elements,
            @ForAll boolean quoted,
            @ForAll("whitespace") String whitespace) {
        List<String> lines = new ArrayList<>();
        for (ExtensionElement element : elements) {
            StringBuilder line = new StringBuilder(whitespace).append(element.name());
            for (ExtensionElement.Parameter parameter : element.parameters()) {
                line.append(whitespace).append(';').append(whitespace).append(parameter.name());
                if (parameter.value() != null) {
                    line.append(whitespace).append('=').append(whitespace);
                    line.append(quoted ? '"' + parameter.value().replaceAll("\\S", "\\\\$0") + '"' : parameter.value());
                }
            }
            lines.add(line.append(whitespace).toString());
        }
        assertThat(ExtensionHeader.parse(lines)).isEqualTo(elements);
        assertThat(ExtensionHeader.parse(List.of(String.join(",", lines)))).isEqualTo(elements);
    }

    @Provide
    Arbitrary<String> whitespace() {
        return Arbitraries.of("", " ", "\t \t");
    }

    @Provide
    Arbitrary<List<ExtensionElement>> elements() {
        Arbitrary<String> token = Arbitraries.strings()
                .withChars("!#$%&'*+-.^_`|~09azAZ")
                .ofMinLength(1)
                .ofMaxLength(5);
        Arbitrary<ExtensionElement.Parameter> parameter =
                token.flatMap(name -> token.injectNull(0.3).map(value -> new ExtensionElement.Parameter(name, value)));
        Arbitrary<ExtensionElement> element = token.flatMap(
                name -> parameter.list().ofMaxSize(3).map(parameters -> new ExtensionElement(name, parameters)));
        return element.list().ofMinSize(1).ofMaxSize(4);
    }
}
