package io.duplex.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.transport.Certificates;
import io.duplex.transport.Echo;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server shows and asks for in TLS, by every provider. */
@ParameterizedClass(name = "{0}")
@MethodSource("providers")
class ServerTlsIT {
    @Parameter
    TlsProvider provider;

    @TempDir
    private Path directory;

    private final Recorder atServer = new Recorder();
    private final Recorder atClient = new Recorder();
    private WebSocketServer server;

    static List<TlsProvider> providers() {
        return Stream.of(TlsProvider.values()).filter(TlsProvider::isAvailable).toList();
    }

    private static TlsIdentity localhost() throws Exception {
        return TlsIdentity.of(Certificates.chain(), Certificates.key());
    }

    private static TlsIdentity other() throws Exception {
        return TlsIdentity.of(Certificates.otherChain(), Certificates.otherKey());
    }

    private static TlsIdentity alice() throws Exception {
        return TlsIdentity.of(Certificates.clientChain(), Certificates.clientKey());
    }

    private void start(ServerTls.Builder tls) {
        server = WebSocketServer.builder()
                .port(0)
                .threads(1)
                .tls(tls.provider(provider).build())
                .route("/echo", handshake -> new Echo())
                .route("/record", handshake -> atServer)
                .route("/who", handshake -> new WebSocketHandler() {
                    @Override
                    public void onOpen(WebSocket socket) {
                        socket.send(name(socket.handshake().peerCertificates().get(0)));
                    }
                })
                .start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String uri(String path) {
        return "wss://localhost:" + server.port() + path;
    }

    private WebSocketClient client(ClientTls.Builder tls) {
        return WebSocketClient.builder().tls(tls.provider(provider).build()).build();
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /** The certificate that a client is shown that asks for {@code host}. */
    private String shownTo(String host) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
            return name((X509Certificate) socket.getSession().getPeerCertificates()[0]);
        }
    }

    @Test
    void aSecondHandshakeEndsTheConnection() throws Exception {
        start(ServerTls.builder(localhost()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(RawPeer.request("/echo").getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        socket.getInputStream().readAllBytes();
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aHostIsShownItsOwnCertificateAndAllOthersTheFirst() throws Exception {
        start(ServerTls.builder(localhost()).identity("chat.example", other()).identity("*.star.example", other()));
        assertThat(shownTo("chat.example")).isEqualTo("CN=other");
        assertThat(shownTo("CHAT.example")).isEqualTo("CN=other");
        assertThat(shownTo("a.star.example")).isEqualTo("CN=other");
        assertThat(shownTo("star.example")).isEqualTo("CN=localhost");
        assertThat(shownTo("localhost")).isEqualTo("CN=localhost");
    }

    @Test
    void aNewCertificateIsShownFromTheNextHandshakeOnAndConnectionsGoOn() throws Exception {
        Path chain = Files.copy(Certificates.chain(), directory.resolve("chain.pem"));
        Path key = Files.copy(Certificates.key(), directory.resolve("key.pem"));
        TlsIdentity identity = TlsIdentity.of(chain, key);
        start(ServerTls.builder(identity));
        try (WebSocketClient client = client(ClientTls.builder().trust(Certificates.chain()))) {
            WebSocket socket = client.connect(uri("/echo"), atClient);
            assertThat(shownTo("localhost")).isEqualTo("CN=localhost");
            Files.copy(Certificates.otherChain(), chain, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(Certificates.otherKey(), key, StandardCopyOption.REPLACE_EXISTING);
            identity.reload();
            assertThat(shownTo("localhost")).isEqualTo("CN=other");
            socket.send("still there");
            assertThat(atClient.text()).isEqualTo("still there");
        }
        try (WebSocketClient client = client(ClientTls.builder().trust(Certificates.otherChain()))) {
            Recorder again = new Recorder();
            client.connect(uri("/echo"), again).send("hi");
            assertThat(again.text()).isEqualTo("hi");
        }
    }

    @Test
    void aClientIsTakenWithACertificateThatWasSigned() throws Exception {
        start(ServerTls.builder(localhost()).requireClientCertificate(Certificates.authority()));
        try (WebSocketClient client =
                client(ClientTls.builder().trust(Certificates.chain()).identity(alice()))) {
            WebSocket socket = client.connect(uri("/record"), atClient);
            assertThat(atServer.socket().handshake().peerCertificates())
                    .extracting(ServerTlsIT::name)
                    .containsExactly("CN=alice");
            assertThat(socket.handshake().peerCertificates())
                    .extracting(ServerTlsIT::name)
                    .containsExactly("CN=localhost");
        }
    }

    @Test
    void aClientWithoutACertificateIsRefusedWhereOneIsRequired() throws Exception {
        start(ServerTls.builder(localhost()).requireClientCertificate(Certificates.authority()));
        try (WebSocketClient client = client(ClientTls.builder().trust(Certificates.chain()))) {
            assertThatThrownBy(() -> client.connect(uri("/record"), atClient)).isInstanceOf(HandshakeException.class);
        }
    }

    @Test
    void aClientWithoutACertificateIsTakenWhereOneIsRequested() throws Exception {
        start(ServerTls.builder(localhost()).requestClientCertificate(Certificates.authority()));
        try (WebSocketClient client = client(ClientTls.builder().trust(Certificates.chain()))) {
            client.connect(uri("/record"), atClient);
            assertThat(atServer.socket().handshake().peerCertificates()).isEmpty();
        }
    }

    @Test
    void aCertificateThatNobodySignedIsRefusedEvenWhereItIsOnlyRequested() throws Exception {
        start(ServerTls.builder(localhost()).requestClientCertificate(Certificates.authority()));
        try (WebSocketClient client =
                client(ClientTls.builder().trust(Certificates.chain()).identity(other()))) {
            assertThatThrownBy(() -> client.connect(uri("/record"), atClient)).isInstanceOf(HandshakeException.class);
        }
    }

    /** The JDK's client takes its session up again, in which no certificate is shown. */
    @Test
    void aClientsCertificateIsKnownInASessionThatIsTakenUpAgain() throws Exception {
        start(ServerTls.builder(localhost()).requireClientCertificate(Certificates.chain()));
        try (WebSocketClient client =
                WebSocketClient.builder().tls(Certificates.context()).build()) {
            for (int i = 0; i < 3; i++) {
                Recorder recorder = new Recorder();
                client.connect(uri("/who"), recorder);
                assertThat(recorder.text()).isEqualTo("CN=localhost");
            }
        }
    }

    @Test
    void ciphersWithoutAuthenticatedEncryptionAreRefused() throws Exception {
        start(ServerTls.builder(localhost()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void tls12WithAuthenticatedEncryptionIsTaken() throws Exception {
        start(ServerTls.builder(localhost()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
        }
    }
}
