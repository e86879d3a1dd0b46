package io.duplex.tls;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files (RFC 7468). */
final class Pem {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z]+ )?PRIVATE KEY-----");

    private Pem() {}

    /**
     * The certificates of a file, in its order.
     *
     * @throws CertificateException if there is none, or something else
     */
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                certificates.add((X509Certificate) each);
            }
        }
        if (certificates.isEmpty()) {
            throw new CertificateException(file + " has no certificate");
        }
        return certificates;
    }

    /**
     * The private key of a file, in PKCS #8 and not encrypted.
     *
     * @param algorithm that of the public key
     * @throws GeneralSecurityException if there is none, or it is of another kind
     */
    static PrivateKey privateKey(Path file, String algorithm) throws IOException, GeneralSecurityException {
        // Any byte is a character here, so what is no PEM at all gives a message about keys and not about characters.
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        Matcher found = PRIVATE_KEY.matcher(text);
        if (!found.find()) {
            Matcher other = OTHER_KEY.matcher(text);
            throw new GeneralSecurityException(
                    other.find()
                            ? file + " has a key in the form '" + other.group()
                                    + "'; what is needed is PKCS #8 without a password: openssl pkcs8 -topk8 -nocrypt"
                            : file + " has no private key");
        }
        try {
            byte[] octets = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(octets));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new GeneralSecurityException(file + " has no " + algorithm + " key: " + e.getMessage(), e);
        }
    }
}
