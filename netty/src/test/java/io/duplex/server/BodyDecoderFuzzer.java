package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes as a chunked body, in any pieces: the same content and the same end whatever the pieces, and the same as a regular
 * expression finds. The first byte is the size of the pieces; the rest is the wire's.
 */
class BodyDecoderFuzzer {
    private static final int MAX_BYTES = 1000;
    private static final RequestHead HEAD = new RequestHead(
            "POST",
            "/",
            HttpVersion.HTTP_1_1,
            HeaderFields.builder().add("Transfer-Encoding", "chunked").build());
    private static final String VALUE = "[\\t\\x20-\\x7e\\x80-\\xff]*+";
    private static final Pattern SIZE = Pattern.compile("([0-9a-fA-F]{1,15})(?:;" + VALUE + ")?\r\n");
    private static final Pattern TRAILERS = Pattern.compile("(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:" + VALUE + "\r\n)*+\r\n");

    private record Outcome(String content, int end) {}

    @FuzzTest
    void anyBytesHaveOneEndOrNone(byte[] data) {
        if (data.length == 0) {
            return;
        }
        String wire = new String(data, 1, data.length - 1, ISO_8859_1);
        Outcome whole = decode(wire, Math.max(1, wire.length()));
        assertThat(decode(wire, 1 + (data[0] & 0xFF))).isEqualTo(whole);
        Outcome plain = plainly(wire);
        if (whole != null || wire.length() < MAX_BYTES) { // beyond, limits may be met
            assertThat(whole).isEqualTo(plain);
        }
    }

    private static @Nullable Outcome decode(String wire, int pieceBytes) {
        BodyDecoder decoder = BodyDecoder.of(HEAD, MAX_BYTES);
        ByteBuffer in = ByteBuffer.wrap(wire.getBytes(ISO_8859_1));
        int end = in.limit();
        StringBuilder content = new StringBuilder();
        while (!decoder.isDone() && decoder.fault() == null && in.position() < end) {
            in.limit(Math.min(end, in.position() + pieceBytes));
            while (in.hasRemaining() && !decoder.isDone() && decoder.fault() == null) {
                int length = decoder.next(in);
                content.append(wire, in.position() - length, in.position());
            }
        }
        assertThat(content.length()).isLessThanOrEqualTo(MAX_BYTES);
        return decoder.isDone() ? new Outcome(content.toString(), in.position()) : null;
    }

    private static @Nullable Outcome plainly(String wire) {
        StringBuilder content = new StringBuilder();
        int at = 0;
        while (true) {
            Matcher size = SIZE.matcher(wire).region(at, wire.length());
            if (!size.lookingAt()) {
                return null;
            }
            long length = Long.parseLong(size.group(1), 16);
            at = size.end();
            if (length == 0) {
                Matcher trailers = TRAILERS.matcher(wire).region(at, wire.length());
                return trailers.lookingAt() ? new Outcome(content.toString(), trailers.end()) : null;
            }
            if (length > wire.length() - at - 2 || !wire.startsWith("\r\n", at + (int) length)) {
                return null;
            }
            content.append(wire, at, at + (int) length);
            at += (int) length + 2;
        }
    }
}
