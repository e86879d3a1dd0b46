package io.duplex.transport;

import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates with their keys; all are public and worth nothing. The first is for {@code localhost}, and nobody signed it. */
public final class Certificates {
    private static final char[] PASSWORD = {};

    private Certificates() {}

    /** The certificate, a PEM file. */
    public static Path chain() throws URISyntaxException {
        return file("localhost.crt.pem");
    }

    /** Its key, a PEM file. */
    public static Path key() throws URISyntaxException {
        return file("localhost.key.pem");
    }

    /**
     * Another certificate that nobody signed, a PEM file: for {@code localhost}, {@code chat.example}, {@code *.star.example} and
     * 127.0.0.1, with an RSA key.
     */
    public static Path otherChain() throws URISyntaxException {
        return file("other.crt.pem");
    }

    /** Its key, a PEM file. */
    public static Path otherKey() throws URISyntaxException {
        return file("other.key.pem");
    }

    /** The certificate of who signed {@link #clientChain}, a PEM file. */
    public static Path authority() throws URISyntaxException {
        return file("ca.crt.pem");
    }

    /** A client's certificate, CN=alice, a PEM file. */
    public static Path clientChain() throws URISyntaxException {
        return file("client.crt.pem");
    }

    /** Its key, a PEM file. */
    public static Path clientKey() throws URISyntaxException {
        return file("client.key.pem");
    }

    /** A certificate for {@code localhost} that has expired, a PEM file. */
    public static Path expiredChain() throws URISyntaxException {
        return file("expired.crt.pem");
    }

    /** Its key, a PEM file. */
    public static Path expiredKey() throws URISyntaxException {
        return file("expired.key.pem");
    }

    /** The certificate of who signed it, which has not, a PEM file. */
    public static Path authorityOfExpired() throws URISyntaxException {
        return file("expired-ca.crt.pem");
    }

    private static Path file(String name) throws URISyntaxException {
        URL resource = Certificates.class.getResource(name);
        return Path.of(Objects.requireNonNull(resource, name).toURI());
    }

    /** TLS that shows this certificate and trusts it alone. */
    public static SSLContext context() throws Exception {
        Certificate certificate;
        try (InputStream in = Files.newInputStream(chain())) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        String pem = Files.readString(key()).replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setCertificateEntry("trusted", certificate);
        store.setKeyEntry("own", key, PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
