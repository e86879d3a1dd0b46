package io.duplex.connection;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.IntSupplier;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Masking keys that nobody can predict from those before (RFC 6455 §5.3, §10.3), made in bulk. Confined to one thread at a
 * time.
 *
 * <p>The first {@value #KEYS_AT_ONCE} come straight from the source, which takes longer for one than a frame takes for all the
 * rest. Who goes on sending gets the key stream of AES in counter mode, whose key and counter come from the source.
 */
public final class MaskingKeys implements IntSupplier {
    private static final int KEYS_AT_ONCE = 256;
    private static final int AES_BYTES = 16;
    private static final byte[] ZEROS = new byte[KEYS_AT_ONCE * Integer.BYTES];

    private final SecureRandom source;
    private final byte[] keys = new byte[KEYS_AT_ONCE * Integer.BYTES];
    private int next = keys.length;
    private boolean begun;
    private boolean hasNoCipher;
    /** {@code null} until it is needed. */
    private @Nullable Cipher stream;

    /** Creates a supply from {@code source}. */
    public MaskingKeys(SecureRandom source) {
        this.source = source;
    }

    @Override
    public int getAsInt() {
        if (next == keys.length) {
            refill();
            next = 0;
        }
        int key = (keys[next] & 0xFF) << 24
                | (keys[next + 1] & 0xFF) << 16
                | (keys[next + 2] & 0xFF) << 8
                | keys[next + 3] & 0xFF;
        next += Integer.BYTES;
        return key;
    }

    private void refill() {
        try {
            if (begun && !hasNoCipher) {
                Cipher cipher = stream;
                if (cipher == null) {
                    cipher = keyStream(source);
                    stream = cipher;
                }
                cipher.update(ZEROS, 0, ZEROS.length, keys);
                return;
            }
        } catch (GeneralSecurityException e) {
            hasNoCipher = true; // not every platform must have it, but all have the source
        }
        begun = true;
        source.nextBytes(keys);
    }

    private static Cipher keyStream(SecureRandom source) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        byte[] secret = new byte[2 * AES_BYTES];
        source.nextBytes(secret);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(Arrays.copyOf(secret, AES_BYTES), "AES"),
                new IvParameterSpec(secret, AES_BYTES, AES_BYTES));
        return cipher;
    }
}
