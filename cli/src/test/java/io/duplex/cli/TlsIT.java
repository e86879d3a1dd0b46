package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIT {
    private static final String PASSWORD = "password";

    @TempDir
    private static Path directory;

    private static Path certificate;
    private static Path key;

    /** A certificate of its own making for localhost, by the JDK's keytool. */
    @BeforeAll
    static void makeCertificate() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-alias",
                        "server",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        certificate = writePem("CERTIFICATE", keys.getCertificate("server").getEncoded());
        key = writePem(
                "PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded());
    }

    private static Path writePem(String label, byte[] der) throws Exception {
        String body = Base64.getMimeEncoder().encodeToString(der);
        return Files.writeString(
                directory.resolve(label + ".pem"),
                "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }

    private static DuplexProcess serve() throws Exception {
        return DuplexProcess.start(
                "serve", "--port", "0", "--tls-cert", certificate.toString(), "--tls-key", key.toString());
    }

    @Test
    void wssIsServedAndTheCertificateIsChecked() throws Exception {
        try (DuplexProcess server = serve()) {
            URI address = server.listening("/echo");
            assertThat(address.getScheme()).isEqualTo("wss");
            try (DuplexProcess careful = DuplexProcess.start("connect", address.toString())) {
                assertThat(careful.exitStatus()).isEqualTo(2);
                assertThat(careful.remainingErrorLines())
                        .singleElement()
                        .asString()
                        .contains("handshake failed");
            }
            try (DuplexProcess insecure = DuplexProcess.start("connect", address.toString(), "--insecure")) {
                insecure.type("secret");
                assertThat(insecure.line()).isEqualTo("secret");
            }
        }
    }

    @Test
    void fileThatIsNoCertificateIsNamed() throws Exception {
        Path wrong = Files.writeString(directory.resolve("wrong.pem"), "nothing\n");
        try (DuplexProcess server = DuplexProcess.start(
                "serve", "--port", "0", "--tls-cert", wrong.toString(), "--tls-key", key.toString())) {
            assertThat(server.exitStatus()).isEqualTo(1);
            assertThat(server.remainingErrorLines())
                    .singleElement()
                    .asString()
                    .contains("cannot use certificate", wrong.toString());
        }
    }
}
