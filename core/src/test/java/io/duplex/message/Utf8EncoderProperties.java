package io.duplex.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

@Covers("WS-5.6-1")
class Utf8EncoderProperties {
    /** As the JDK's, but for lone surrogates, which it writes as question marks. */
    @Property
    void loneSurrogatesBecomeReplacementCharacters(@ForAll("texts") String text) {
        int[] points = text.codePoints()
                .map(point -> point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point)
                .toArray();
        assertThat(Utf8Encoder.encode(text)).isEqualTo(new String(points, 0, points.length).getBytes(UTF_8));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of('a', '?', '>', '@', '\u00bf', '\u20ac', '\uD83D', '\uDE00', '\uD800', '\uDFFF', '\u3f3f')
                .array(Character[].class)
                .ofMaxSize(40)
                .map(chars -> {
                    StringBuilder text = new StringBuilder();
                    for (char c : chars) {
                        text.append(c);
                    }
                    return text.toString();
                });
    }

    @Example
    void questionMarksAreKept() {
        assertThat(Utf8Encoder.encode("????????????")).isEqualTo("????????????".getBytes(UTF_8));
        assertThat(Utf8Encoder.encode("")).isEmpty();
    }
}
