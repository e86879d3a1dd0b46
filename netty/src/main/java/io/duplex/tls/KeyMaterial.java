package io.duplex.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * A certificate chain and the private key of its first certificate, which belong together. Immutable and thread-safe.
 *
 * @param alias tells one from another: a digest of the chain
 */
record KeyMaterial(String alias, List<X509Certificate> chain, PrivateKey key) {
    private static final byte[] PROBE = "does the key belong to the certificate?".getBytes(StandardCharsets.US_ASCII);

    static KeyMaterial read(Path chainFile, Path keyFile) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = Pem.certificates(chainFile);
        PublicKey publicKey = chain.get(0).getPublicKey();
        PrivateKey key = Pem.privateKey(keyFile, publicKey.getAlgorithm());
        if (!isPair(publicKey, key)) {
            throw new InvalidKeyException("the key is not that of the certificate");
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (X509Certificate each : chain) {
            digest.update(each.getEncoded());
        }
        return new KeyMaterial(HexFormat.of().formatHex(digest.digest()), List.copyOf(chain), key);
    }

    private static boolean isPair(PublicKey publicKey, PrivateKey key) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm();
                });
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        return signature.verify(signed);
    }

    /**
     * Whether its key is of a type in the sense of {@link javax.net.ssl.X509KeyManager}, such as {@code RSA} or {@code EC}; a
     * type may name the issuer's key, too, as in {@code EC_RSA}.
     */
    boolean isOf(String keyType) {
        String algorithm = key.getAlgorithm();
        return keyType.equals(algorithm) || keyType.startsWith(algorithm + "_");
    }
}
