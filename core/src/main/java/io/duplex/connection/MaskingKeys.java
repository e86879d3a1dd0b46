package io.duplex.connection;

import java.security.SecureRandom;
import java.util.function.IntSupplier;

/**
 * Masking keys from a strong source (RFC 6455 §5.3, §10.3), fetched in bulk because each call of the source is dear.
 * Confined to one thread at a time.
 */
public final class MaskingKeys implements IntSupplier {
    private static final int KEYS_AT_ONCE = 256;

    private final SecureRandom source;
    private final byte[] keys = new byte[KEYS_AT_ONCE * Integer.BYTES];
    private int next = keys.length;

    /** Creates a supply from {@code source}. */
    public MaskingKeys(SecureRandom source) {
        this.source = source;
    }

    @Override
    public int getAsInt() {
        if (next == keys.length) {
            source.nextBytes(keys);
            next = 0;
        }
        int key = (keys[next] & 0xFF) << 24
                | (keys[next + 1] & 0xFF) << 16
                | (keys[next + 2] & 0xFF) << 8
                | keys[next + 3] & 0xFF;
        next += Integer.BYTES;
        return key;
    }
}
