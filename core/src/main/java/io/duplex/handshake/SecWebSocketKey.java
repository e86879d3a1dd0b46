package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455 §4.1, §4.2.2). */
final class SecWebSocketKey {
    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(ISO_8859_1);

    private static final int NONCE_BYTES = 16;
    /** 22 characters hold 132 bits, of which the last four pad; two more characters mark that. */
    private static final int DIGITS = 22;

    private static final String PADDING = "==";

    /** One for each thread: to look for an implementation each time costs more than the digest. */
    private static final ThreadLocal<MessageDigest> SHA1 = ThreadLocal.withInitial(SecWebSocketKey::sha1);

    private SecWebSocketKey() {}

    /** A new key: the base64 of 16 random bytes. */
    static String create(RandomGenerator random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return Base64.getEncoder().encodeToString(nonce);
    }

    /**
     * Whether the text is the base64 of 16 bytes. The four bits that pad the last digit may be anything: RFC 6455 §4.1 itself
     * prints a key where they are not zero (erratum 3150).
     */
    static boolean isValid(String text) {
        if (text.length() != DIGITS + PADDING.length() || !text.endsWith(PADDING)) {
            return false;
        }
        for (int i = 0; i < DIGITS; i++) {
            char c = text.charAt(i);
            if (!Grammar.isDigit(c) && !Grammar.isLetter(c) && c != '+' && c != '/') {
                return false;
            }
        }
        return true;
    }

    /** The value of Sec-WebSocket-Accept for a key: a proof that the handshake was understood, nothing secret. */
    static String accept(String key) {
        MessageDigest sha1 = SHA1.get();
        sha1.update(key.getBytes(ISO_8859_1));
        byte[] digest = sha1.digest(GUID);
        return Base64.getEncoder().encodeToString(digest);
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
    }
}
