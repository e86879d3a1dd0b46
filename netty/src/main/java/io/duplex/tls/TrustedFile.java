package io.duplex.tls;

import io.duplex.WebSocketException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Trust in the certificates of a PEM file, and in what they signed. */
final class TrustedFile {
    private TrustedFile() {}

    /**
     * Reads the file.
     *
     * @throws WebSocketException if it cannot be read or has no certificate
     */
    static X509TrustManager read(Path file) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate trusted : Pem.certificates(file)) {
                store.setCertificateEntry("trusted-" + store.size(), trusted);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager manager) {
                    return manager;
                }
            }
            throw new GeneralSecurityException("this JVM checks no X.509 certificates");
        } catch (IOException | GeneralSecurityException e) {
            throw new WebSocketException("cannot trust the certificates of " + file + ": " + e, e);
        }
    }
}
