package io.duplex.benchmarks.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate of its own for 127.0.0.1 (P-256), as key store and as PEM files, made anew by the JDK's keytool. */
final class PeerCertificate {
    static final String PASSWORD = "changeit";
    private static final String ALIAS = "peer";

    private final Path folder;
    private final KeyStore keys;

    private PeerCertificate(Path folder, KeyStore keys) {
        this.folder = folder;
        this.keys = keys;
    }

    static PeerCertificate create() throws IOException, GeneralSecurityException, InterruptedException {
        Path folder = Files.createTempDirectory("peer");
        Path store = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        PeerCertificate made = new PeerCertificate(folder, keys);
        pem(made.chain(), "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
        pem(
                made.key(),
                "PRIVATE KEY",
                keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
        for (Path file : new Path[] {folder, store, made.chain(), made.key()}) {
            file.toFile().deleteOnExit();
        }
        return made;
    }

    private static void pem(Path file, String type, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                file,
                "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n",
                StandardCharsets.US_ASCII);
    }

    /** The certificate, a PEM file. */
    Path chain() {
        return folder.resolve("chain.pem");
    }

    /** The private key, a PEM file in PKCS #8. */
    Path key() {
        return folder.resolve("key.pem");
    }

    KeyStore keys() {
        return keys;
    }

    /** For servers that use the JDK's TLS. */
    SSLContext context() throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
