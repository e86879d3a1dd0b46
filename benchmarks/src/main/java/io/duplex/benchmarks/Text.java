package io.duplex.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Texts that differ in what is dear to validate. */
public enum Text {
    /** One byte a character. */
    ASCII("The quick brown fox jumps over the lazy dog, 0123456789 times. "),
    /** Mostly ASCII, with a two-byte character in every word or two. */
    WESTERN("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich, déjà vu à la façade. "),
    /** One to four bytes a character. */
    MULTILINGUAL("Grüße, привет, こんにちは, 你好, שלום, 😀 and hello. "),
    /** Three bytes a character. */
    CJK("春眠不覚暁処処聞啼鳥夜来風雨声花落知多少"),
    /** Four bytes a character. */
    EMOJI("😀🎉🚀🌍🔥💡🎵🍕");

    private final String words;

    Text(String words) {
        this.words = words;
    }

    /** The text again and again, cut after a whole character and filled up with dots. */
    byte[] bytes(int length) {
        byte[] once = words.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; at += once.length) {
            System.arraycopy(once, 0, bytes, at, Math.min(once.length, length - at));
        }
        int end = length;
        if (isContinuation(once[length % once.length])) {
            do {
                end--;
            } while (isContinuation(bytes[end]));
        }
        Arrays.fill(bytes, end, length, (byte) '.');
        return bytes;
    }

    private static boolean isContinuation(byte octet) {
        return (octet & 0xC0) == 0x80;
    }
}
