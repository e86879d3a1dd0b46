package io.duplex.legacy;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * What a client of hixie-76 asks to be proved: that its two keys were read as the numbers that are hidden in them.
 *
 * @param part1 the number of the first key, an unsigned int
 * @param part2 the number of the second key, an unsigned int
 */
record KeyChallenge(int part1, int part2) {
    /** Octets behind the head of the request. */
    static final int KEY3_BYTES = 8;

    private static final long MAX_NUMBER = 0xFFFF_FFFFL;
    private static final long INVALID = -1;

    /** The challenge of two keys; {@code null} if one of them is not valid. */
    static @Nullable KeyChallenge of(String key1, String key2) {
        long part1 = part(key1);
        long part2 = part(key2);
        return part1 == INVALID || part2 == INVALID ? null : new KeyChallenge((int) part1, (int) part2);
    }

    /** The number that the digits of a key make together, divided by how many spaces it has. */
    private static long part(String key) {
        long number = 0;
        int digits = 0;
        int spaces = 0;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == ' ') {
                spaces++;
            } else if (c >= '0' && c <= '9') {
                number = 10 * number + c - '0';
                digits++;
                if (number > MAX_NUMBER) {
                    return INVALID;
                }
            }
        }
        return digits == 0 || spaces == 0 || number % spaces != 0 ? INVALID : number / spaces;
    }

    /**
     * The 16 octets that answer it.
     *
     * @param key3 what came behind the head
     */
    byte[] answer(byte[] key3) {
        MessageDigest md5;
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
        md5.update(ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(part1)
                .putInt(part2)
                .flip());
        return md5.digest(key3);
    }
}
