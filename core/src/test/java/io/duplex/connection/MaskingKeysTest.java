package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class MaskingKeysTest {
    /** Counts its bytes: 0, 1, 2... */
    private static final class Counting extends SecureRandom {
        private static final long serialVersionUID = 1;
        private int calls;
        private int next;

        @Override
        public void nextBytes(byte[] bytes) {
            calls++;
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) next++;
            }
        }
    }

    @Test
    void keysAreTheBytesOfTheSourceInOrder() {
        Counting source = new Counting();
        MaskingKeys keys = new MaskingKeys(source);
        assertThat(keys.getAsInt()).isEqualTo(0x00010203);
        assertThat(keys.getAsInt()).isEqualTo(0x04050607);
        for (int i = 2; i < 63; i++) {
            keys.getAsInt();
        }
        assertThat(keys.getAsInt()).isEqualTo(0xFCFDFEFF);
    }

    @Test
    void theSourceIsAskedInBulkAndNoKeyComesTwice() {
        Counting source = new Counting();
        MaskingKeys keys = new MaskingKeys(source);
        for (int i = 0; i < 256; i++) {
            keys.getAsInt();
        }
        assertThat(source.calls).isEqualTo(1);
        keys.getAsInt();
        assertThat(source.calls).isEqualTo(2);
    }

    @Test
    void manyKeysAreTheStreamOfACipherWhoseSecretComesFromTheSource() throws GeneralSecurityException {
        Counting source = new Counting();
        MaskingKeys keys = new MaskingKeys(source);
        for (int i = 0; i < 256; i++) {
            keys.getAsInt();
        }
        byte[] secret = new byte[32];
        new Counting().nextBytes(secret); // 1024 bytes later the counting is at 0 again
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(secret, 0, 16, "AES"), new IvParameterSpec(secret, 16, 16));
        ByteBuffer expected = ByteBuffer.wrap(cipher.update(new byte[4096]));
        while (expected.hasRemaining()) {
            assertThat(keys.getAsInt()).isEqualTo(expected.getInt());
        }
        assertThat(source.calls).isEqualTo(2);
    }

    @Test
    @Covers({"WS-5.3-2", "WS-10.3-1"})
    void keysOfAStrongSourceDiffer() {
        MaskingKeys keys = new MaskingKeys(new SecureRandom());
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.add(keys.getAsInt());
        }
        assertThat(seen).hasSizeGreaterThan(990);
    }
}
