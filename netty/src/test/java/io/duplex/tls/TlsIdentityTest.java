package io.duplex.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.WebSocketException;
import io.duplex.transport.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIdentityTest {
    private static final String EC = "CN=localhost";
    private static final String RSA = "CN=other";

    @TempDir
    private Path directory;

    private Path chain;
    private Path key;
    private int writes;

    @BeforeEach
    void writeFiles() throws Exception {
        chain = directory.resolve("chain.pem");
        key = directory.resolve("key.pem");
        copy(Certificates.chain(), chain);
        copy(Certificates.key(), key);
    }

    /** Replaces a file and gives it a time of its own, however coarse the file system's clock is. */
    private void copy(Path from, Path to) throws Exception {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        writes++;
        Files.setLastModifiedTime(to, FileTime.fromMillis(1_000_000_000L + writes * 1000L));
    }

    private static String shown(TlsIdentity identity) {
        return identity.current().chain().get(0).getSubjectX500Principal().getName();
    }

    private TlsIdentity alwaysLooking() {
        return TlsIdentity.of(chain, key, Duration.ZERO);
    }

    @Test
    void changedFilesAreReadAgain() throws Exception {
        TlsIdentity identity = alwaysLooking();
        assertThat(shown(identity)).isEqualTo(EC);
        copy(Certificates.otherChain(), chain);
        copy(Certificates.otherKey(), key);
        assertThat(shown(identity)).isEqualTo(RSA);
        assertThat(identity.certificates().get(0).getSubjectX500Principal().getName())
                .isEqualTo(RSA);
    }

    @Test
    void filesAreNotLookedAtForEachHandshake() throws Exception {
        TlsIdentity identity = TlsIdentity.of(chain, key, Duration.ofHours(1));
        copy(Certificates.otherChain(), chain);
        copy(Certificates.otherKey(), key);
        assertThat(shown(identity)).isEqualTo(EC);
        identity.reload();
        assertThat(shown(identity)).isEqualTo(RSA);
    }

    @Test
    void theOldCertificateStaysWhileOnlyOneFileIsNew() throws Exception {
        TlsIdentity identity = alwaysLooking();
        copy(Certificates.otherChain(), chain);
        assertThat(shown(identity)).isEqualTo(EC);
        copy(Certificates.otherKey(), key);
        assertThat(shown(identity)).isEqualTo(RSA);
    }

    @Test
    void theOldCertificateStaysIfTheNewOneIsBrokenOrGone() throws Exception {
        TlsIdentity identity = alwaysLooking();
        Files.writeString(chain, "nothing");
        assertThat(shown(identity)).isEqualTo(EC);
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(identity::reload)
                .withMessageContaining(chain.toString());
        Files.delete(chain);
        assertThat(shown(identity)).isEqualTo(EC);
        copy(Certificates.otherChain(), chain);
        copy(Certificates.otherKey(), key);
        assertThat(shown(identity)).isEqualTo(RSA);
    }

    @Test
    void aHandshakeThatChoseTheOldCertificateCanEndWithIt() throws Exception {
        TlsIdentity identity = alwaysLooking();
        IdentityKeys keys = new IdentityKeys(identity, Map.of());
        String alias = keys.chooseServerAlias("EC", null, null);
        copy(Certificates.otherChain(), chain);
        copy(Certificates.otherKey(), key);
        identity.reload();
        assertThat(alias).isNotNull();
        assertThat(keys.getCertificateChain(alias)[0].getSubjectX500Principal().getName())
                .isEqualTo(EC);
        assertThat(keys.getPrivateKey(alias).getAlgorithm()).isEqualTo("EC");
        assertThat(keys.chooseServerAlias("EC", null, null)).isNull();
        assertThat(keys.chooseServerAlias("RSA", null, null)).isNotNull();
        assertThat(keys.getPrivateKey("another")).isNull();
        assertThat(keys.getCertificateChain("another")).isNull();
        assertThat(keys.getServerAliases("RSA", null)).hasSize(1);
        assertThat(keys.getClientAliases("EC", null)).isEmpty();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        copy(Certificates.clientKey(), key);
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> TlsIdentity.of(chain, key))
                .withMessageContaining("not that of the certificate");
    }

    @Test
    void aKeyOfAnotherAlgorithmIsRefused() throws Exception {
        copy(Certificates.otherKey(), key);
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> TlsIdentity.of(chain, key))
                .withMessageContaining("has no EC key");
    }

    @Test
    void aKeyInAnotherFormIsRefusedWithTheCommandThatConvertsIt() throws Exception {
        Files.writeString(key, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> TlsIdentity.of(chain, key))
                .withMessageContaining("openssl pkcs8 -topk8");
        Files.writeString(key, "nothing");
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> TlsIdentity.of(chain, key))
                .withMessageContaining("has no private key");
    }

    @Test
    void filesThatAreNotThereAreRefused() throws Exception {
        Path missing = directory.resolve("missing.pem");
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> TlsIdentity.of(missing, key))
                .withMessageContaining("missing.pem");
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> ClientTls.builder().trust(missing))
                .withMessageContaining("missing.pem");
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> ClientTls.builder().trust(empty))
                .withMessageContaining("no certificate");
    }

    @Test
    void hostsAreFoundByNameThenByStarThenTheOneForAll() throws Exception {
        TlsIdentity all = TlsIdentity.of(chain, key);
        TlsIdentity exact = TlsIdentity.of(chain, key);
        TlsIdentity star = TlsIdentity.of(chain, key);
        IdentityKeys keys = new IdentityKeys(all, Map.of("chat.example", exact, "*.example", star));
        assertThat(keys.forHost("chat.example")).isSameAs(exact);
        assertThat(keys.forHost("other.example")).isSameAs(star);
        assertThat(keys.forHost("a.b.example")).isSameAs(all);
        assertThat(keys.forHost("example")).isSameAs(all);
    }

    @Test
    void whatIsNoHostNameIsRefused() throws Exception {
        ServerTls.Builder builder = ServerTls.builder(TlsIdentity.of(chain, key));
        TlsIdentity identity = TlsIdentity.of(chain, key);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.identity("*.", identity));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.identity("a*.example", identity));
    }

    @Test
    void providersHaveNames() {
        assertThat(TlsProvider.parse("jdk")).isEqualTo(TlsProvider.JDK);
        assertThat(TlsProvider.parse("auto")).isEqualTo(TlsProvider.best());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsProvider.parse("nss"))
                .withMessageContaining("choose auto, boringssl or jdk");
    }
}
