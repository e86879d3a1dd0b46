package io.duplex.jakarta;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes a text that comes in parts, which may end inside a character. Confined to one thread at a time. */
final class Utf8Parts {
    private static final int LONGEST_CHARACTER = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final ByteBuffer begun = ByteBuffer.allocate(LONGEST_CHARACTER);

    /** The characters that are complete with these bytes, which are valid UTF-8 as far as they go. */
    String decode(byte[] bytes, boolean last) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (begun.position() > 0) {
            in = ByteBuffer.allocate(begun.position() + bytes.length)
                    .put(begun.flip())
                    .put(bytes)
                    .flip();
            begun.clear();
        }
        CharBuffer out = CharBuffer.allocate(in.remaining());
        decoder.decode(in, out, last);
        if (last) {
            decoder.flush(out);
            decoder.reset();
        } else {
            begun.put(in);
        }
        return out.flip().toString();
    }
}
