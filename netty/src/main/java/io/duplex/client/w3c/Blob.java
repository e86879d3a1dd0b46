package io.duplex.client.w3c;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that do not change, in memory, as the File API has it; reading them does not wait. Immutable and thread-safe. */
public final class Blob {
    private final byte[] content;
    private final int from;
    private final int to;
    private final String type;

    private Blob(byte[] content, int from, int to, String type) {
        this.content = content;
        this.from = from;
        this.to = to;
        this.type = type;
    }

    /** A copy of these bytes, without a type. */
    public static Blob of(byte... bytes) {
        return owning(bytes.clone());
    }

    /** A copy of the bytes from position to limit, which are not consumed, without a type. */
    public static Blob of(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return owning(copy);
    }

    /** A text as UTF-8, without a type. Lone surrogates become U+FFFD. */
    public static Blob of(String text) {
        return owning(UsvString.of(text).getBytes(StandardCharsets.UTF_8));
    }

    /** Takes {@code bytes} over: nobody may write to them any more. */
    static Blob owning(byte[] bytes) {
        return new Blob(bytes, 0, bytes.length, "");
    }

    /** Bytes. */
    public int size() {
        return to - from;
    }

    /** The media type in lower case; empty if it is not known, as it is not for messages. */
    public String type() {
        return type;
    }

    /** The same bytes with a media type. It is left out if it has other characters than printable ASCII. */
    public Blob withType(String mediaType) {
        boolean isPrintable = mediaType.chars().allMatch(c -> c >= 0x20 && c <= 0x7E);
        StringBuilder lower = new StringBuilder(mediaType);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            lower.setCharAt(i, c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c);
        }
        return new Blob(content, from, to, isPrintable ? lower.toString() : "");
    }

    /** From {@code start} to the end: {@code slice(start, size())}. */
    public Blob slice(int start) {
        return slice(start, size());
    }

    /**
     * A part, without a type. It shares its bytes with this one.
     *
     * @param start the first byte; counted from the end if it is negative; beyond the bounds it is the bound
     * @param end behind the last byte, in the same way
     */
    public Blob slice(int start, int end) {
        int first = clamped(start);
        int last = Math.max(first, clamped(end));
        return new Blob(content, from + first, from + last, "");
    }

    private int clamped(int index) {
        return index < 0 ? Math.max(0, size() + index) : Math.min(index, size());
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return Arrays.copyOfRange(content, from, to);
    }

    /** The bytes, to be read only; not a copy. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(content, from, size()).slice().asReadOnlyBuffer();
    }

    /** The bytes decoded as UTF-8: U+FFFD for what is none, and without the byte order mark that may stand before it. */
    public String text() {
        String text = new String(content, from, size(), StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The bytes as a stream, which need not be closed. */
    public InputStream stream() {
        return new ByteArrayInputStream(content, from, size());
    }

    @Override
    public String toString() {
        return "Blob[size=" + size() + ", type=" + type + "]";
    }
}
