package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a body begins and ends (RFC 9112 §6, §7.1). */
class BodyDecoderTest {
    private static final int MAX = 100;

    private static RequestHead head(HttpVersion version, String... fields) {
        HeaderFields.Builder all = HeaderFields.builder();
        for (String field : fields) {
            int colon = field.indexOf(':');
            all.add(field.substring(0, colon), field.substring(colon + 1));
        }
        return new RequestHead("POST", "/", version, all.build());
    }

    private static BodyDecoder decoder(String... fields) {
        return BodyDecoder.of(head(HttpVersion.HTTP_1_1, fields), MAX);
    }

    private static BodyDecoder chunked() {
        return decoder("Transfer-Encoding: chunked");
    }

    /** What became of some bytes. */
    private record Outcome(String content, boolean isDone, BodyDecoder.@Nullable Fault fault, int unread) {}

    private static Outcome decode(BodyDecoder decoder, String bytes, int step) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        int end = in.limit();
        while (in.position() < end && !decoder.isDone() && decoder.fault() == null) {
            in.limit(Math.min(end, in.position() + step));
            while (in.hasRemaining() && !decoder.isDone() && decoder.fault() == null) {
                int length = decoder.next(in);
                content.write(in.array(), in.position() - length, length);
            }
        }
        return new Outcome(content.toString(ISO_8859_1), decoder.isDone(), decoder.fault(), end - in.position());
    }

    private static Outcome decodeChunks(String bytes) {
        Outcome outcome = decode(chunked(), bytes, 1);
        for (int step = 2; step <= bytes.length(); step++) {
            assertThat(decode(chunked(), bytes, step)).as("in steps of " + step).isEqualTo(outcome);
        }
        return outcome;
    }

    @Test
    void withoutALengthThereIsNoBody() {
        assertThat(decoder().isDone()).isTrue();
        assertThat(decoder("Content-Length: 0").isDone()).isTrue();
        assertThat(decoder("Content-Length: 000").isDone()).isTrue();
    }

    @Test
    void aLengthIsKeptTo() {
        for (int step = 1; step < 8; step++) {
            assertThat(decode(decoder("Content-Length: 05"), "helloGET", step))
                    .isEqualTo(new Outcome("hello", true, null, 3));
        }
        assertThat(decode(decoder("Content-Length: 5"), "hell", 9)).isEqualTo(new Outcome("hell", false, null, 0));
    }

    @Test
    void chunksAreJoinedAndTheirExtensionsAndTrailersDropped() {
        assertThat(decodeChunks("5\r\nhello\r\n0\r\n\r\nGET")).isEqualTo(new Outcome("hello", true, null, 3));
        assertThat(decodeChunks("0002;a=b\r\nhe\r\n3;c=\"d\"\r\nllo\r\n00;x\r\nA: b\r\nC-1:\tx y\r\n\r\n"))
                .isEqualTo(new Outcome("hello", true, null, 0));
        assertThat(decodeChunks("A\r\n0123456789\r\n0\r\n\r\n").content()).isEqualTo("0123456789");
        assertThat(decodeChunks("a\r\n0123456789\r\n0\r\n\r").isDone()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "5\n",
                "5\rx",
                " 5\r\n",
                "5 \r\n",
                "+5\r\n",
                "-5\r\n",
                "0x5\r\n",
                "5,5\r\n",
                "\u0660\r\n",
                "\u00B2\r\n",
                ";a=b\r\n",
                "g\r\n",
                "0000000000000001\r\n",
                "1\r\nab",
                "1\r\na\n",
                "1\r\na\rx",
                "1;a\nb\r\n",
                "1;a\u0000\r\n",
                "1;a\u007F\r\n",
                "0\r\n A: folded",
                "0\r\n: no name",
                "0\r\nA : b",
                "0\r\nno colon\r\n",
                "0\r\nA: b\n",
                "0\r\nA: b\rx",
                "0\r\n\u00E4: b\r\n",
                "0\r\n\rx"
            })
    @Tag("CVE-2023-45648")
    @Tag("CVE-2026-24880")
    void whatBreaksTheGrammarOfChunksIsAFault(String bytes) {
        assertThat(decodeChunks(bytes + "GET / HTTP/1.1\r\n").fault()).isEqualTo(BodyDecoder.Fault.INVALID_CHUNK);
    }

    @Test
    void whatIsDroppedHasALimit() {
        assertThat(decode(chunked(), "1;" + "x".repeat(5000), 7).fault()).isEqualTo(BodyDecoder.Fault.INVALID_CHUNK);
        assertThat(decode(chunked(), "0\r\n" + "A: b\r\n".repeat(2000), 7).fault())
                .isEqualTo(BodyDecoder.Fault.INVALID_CHUNK);
    }

    @Test
    void noBodyIsLargerThanTheLimit() {
        assertThat(decoder("Content-Length: 100").fault()).isNull();
        assertThat(decoder("Content-Length: 101").fault()).isEqualTo(BodyDecoder.Fault.TOO_LARGE);
        assertThat(decoder("Content-Length: " + "9".repeat(40)).fault()).isEqualTo(BodyDecoder.Fault.TOO_LARGE);
        assertThat(decodeChunks("64\r\n" + "x".repeat(100) + "\r\n0\r\n\r\n").isDone())
                .isTrue();
        assertThat(decodeChunks("65\r\n").fault()).isEqualTo(BodyDecoder.Fault.TOO_LARGE);
        assertThat(decodeChunks("63\r\n" + "x".repeat(99) + "\r\n2\r\n").fault())
                .isEqualTo(BodyDecoder.Fault.TOO_LARGE);
        assertThat(decodeChunks("fffffffffffffff\r\n").fault()).isEqualTo(BodyDecoder.Fault.TOO_LARGE);
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length: 5|Content-Length: 5, TWO_LENGTHS",
        "Content-Length: 5|Content-Length: 6, TWO_LENGTHS",
        "Content-Length: 5|Transfer-Encoding: chunked, TWO_LENGTHS",
        "Content-Length: +5, INVALID_LENGTH",
        "Content-Length: -5, INVALID_LENGTH",
        "Content-Length: 5;5, INVALID_LENGTH",
        "Content-Length: 0x5, INVALID_LENGTH",
        "Content-Length: 5 5, INVALID_LENGTH",
        "Content-Length:, INVALID_LENGTH",
        "Transfer-Encoding: identity, UNKNOWN_ENCODING",
        "Transfer-Encoding: gzip; chunked, UNKNOWN_ENCODING",
        "Transfer-Encoding: xchunked, UNKNOWN_ENCODING",
        "Transfer-Encoding:, UNKNOWN_ENCODING",
        "Transfer-Encoding: chunked|Transfer-Encoding: chunked, UNKNOWN_ENCODING",
        "Transfer-Encoding: chunked|Transfer-Encoding: identity, UNKNOWN_ENCODING"
    })
    void whatCouldBeReadInTwoWaysIsAFault(String fields, BodyDecoder.Fault fault) {
        BodyDecoder decoder = decoder(fields.split("\\|"));
        assertThat(decoder.fault()).isEqualTo(fault);
        assertThat(decoder.isDone()).isFalse();
    }

    @Test
    void http10HasNoChunks() {
        assertThat(BodyDecoder.of(head(HttpVersion.HTTP_1_0, "Transfer-Encoding: chunked"), MAX)
                        .fault())
                .isEqualTo(BodyDecoder.Fault.ENCODING_OF_HTTP_1_0);
        assertThat(decode(BodyDecoder.of(head(HttpVersion.HTTP_1_0, "Content-Length: 2"), MAX), "hi", 1)
                        .isDone())
                .isTrue();
    }
}
