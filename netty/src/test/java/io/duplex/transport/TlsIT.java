package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.CloseOutcome;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.duplex.tls.ClientTls;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsIdentity;
import io.duplex.tls.TlsProvider;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS on both sides (RFC 6455 §4.1, §10.6). */
@ParameterizedClass(name = "{0}, {1}")
@MethodSource("setups")
class TlsIT {
    private static final Limits LIMITS =
            Limits.builder().maxMessageBytes(17 << 20).maxQueueBytes(64 << 20).build();

    @Parameter(0)
    String io;

    @Parameter(1)
    TlsProvider provider;

    private final Recorder atServer = new Recorder();
    private final Recorder atClient = new Recorder();
    private WebSocketServer server;
    private WebSocketClient client;

    static List<Arguments> setups() {
        List<Arguments> setups = new ArrayList<>();
        for (String io : IoKinds.available()) {
            for (TlsProvider provider : TlsProvider.values()) {
                if (provider.isAvailable()) {
                    setups.add(Arguments.of(io, provider));
                }
            }
        }
        return setups;
    }

    @BeforeEach
    void start() throws Exception {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(LIMITS)
                .tls(serverTls())
                .route("/echo", handshake -> new Echo())
                .route("/record", handshake -> atServer)
                .start();
        client = clientTrustingTheServer();
    }

    private WebSocketClient clientTrustingTheServer() throws Exception {
        return WebSocketClient.builder()
                .io(io)
                .limits(LIMITS)
                .tls(ClientTls.builder()
                        .trust(Certificates.chain())
                        .provider(provider)
                        .build())
                .build();
    }

    private ServerTls serverTls() throws Exception {
        return ServerTls.builder(TlsIdentity.of(Certificates.chain(), Certificates.key()))
                .provider(provider)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private String uri(String host, String path) {
        return "wss://" + host + ":" + server.port() + path;
    }

    @Test
    @Covers({"WS-10.6-1", "WS-4.1-C5", "WS-4.2.2-1"})
    void messagesOfAnySizeComeBack() throws Exception {
        WebSocket socket = client.connect(uri("localhost", "/echo"), atClient);
        assertThat(server.isSecure()).isTrue();
        assertThat(server.tlsProvider()).isEqualTo(provider);
        assertThat(socket.handshake().isSecure()).isTrue();
        Random random = new Random(7);
        for (int size : new int[] {0, 1, 126, 16384, 65536, 4 << 20}) {
            byte[] payload = new byte[size];
            random.nextBytes(payload);
            socket.send(ByteBuffer.wrap(payload));
            assertThat(atClient.binary()).isEqualTo(payload);
        }
    }

    @Test
    void theClosingHandshakeIsCleanOnBothSides() throws Exception {
        client.connect(uri("localhost", "/record"), atClient).close(4000, "bye");
        assertThat(atClient.outcome().clean()).isTrue();
        CloseOutcome outcome = atServer.outcome();
        assertThat(outcome.clean()).isTrue();
        assertThat(outcome.cause()).isNull();
    }

    @Test
    void aCloseByTheServerIsCleanOnBothSides() throws Exception {
        client.connect(uri("localhost", "/record"), atClient);
        atServer.socket().close(4000, "bye");
        assertThat(atClient.outcome().clean()).isTrue();
        assertThat(atClient.outcome().status().code()).isEqualTo(4000);
        assertThat(atServer.outcome().clean()).isTrue();
    }

    @Test
    @Covers("WS-7.1.1-1")
    void tlsEndsWithCloseNotifyBeforeTcpDoes() throws Exception {
        try (Socket socket = Certificates.context()
                        .getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), server.port());
                RawPeer peer = new RawPeer(socket)) {
            peer.send(RawPeer.request("/record"));
            peer.head();
            peer.sendHex("88 82 00000000 03e8");
            assertThat(peer.readHex(4)).isEqualTo("880203e8");
            peer.awaitEof(); // an end without close_notify would throw
        }
        assertThat(atServer.outcome().clean()).isTrue();
    }

    @Test
    void anEndByCloseNotifyAloneIsNotClean() throws Exception {
        try (Socket socket = Certificates.context()
                        .getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), server.port());
                RawPeer peer = new RawPeer(socket)) {
            peer.send(RawPeer.request("/record"));
            peer.head();
            atServer.socket();
        }
        assertThat(atServer.outcome().status().code()).isEqualTo(1006);
    }

    @Test
    @Covers({"WS-4.1-C5a", "WS-11.1.2-2"})
    @Tag("CVE-2020-11050")
    void aCertificateForAnotherHostIsRefused() {
        assertThatThrownBy(() -> client.connect(uri("127.0.0.1", "/echo"), atClient))
                .isInstanceOf(HandshakeException.class)
                .hasMessageContaining("TLS failed")
                .hasMessageContaining("127.0.0.1")
                .hasCauseInstanceOf(SSLException.class);
    }

    @Test
    @Covers("WS-4.1-C5a")
    void aCertificateThatNobodyTrustsIsRefused() {
        try (WebSocketClient stranger = WebSocketClient.builder()
                .io(io)
                .tls(ClientTls.builder().provider(provider).build())
                .build()) {
            assertThatThrownBy(() -> stranger.connect(uri("localhost", "/echo"), atClient))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("TLS failed");
        }
    }

    @Test
    void insecureTrustAllTakesAnyCertificateForAnyHost() throws Exception {
        try (WebSocketClient insecure = WebSocketClient.builder()
                .io(io)
                .tls(ClientTls.builder().provider(provider).insecureTrustAll().build())
                .build()) {
            insecure.connect(uri("127.0.0.1", "/echo"), atClient).send("hi");
            assertThat(atClient.text()).isEqualTo("hi");
        }
    }

    @Test
    @Covers({"WS-4.1-C5a", "WS-11.1.2-2"})
    void aContextOfTheJdkIsUsedAsItIsAndHostsAreCheckedAllTheSame() throws Exception {
        try (WebSocketClient jdk =
                WebSocketClient.builder().io(io).tls(Certificates.context()).build()) {
            jdk.connect(uri("localhost", "/echo"), atClient).send("hi");
            assertThat(atClient.text()).isEqualTo("hi");
            assertThatThrownBy(() -> jdk.connect(uri("127.0.0.1", "/echo"), new Recorder()))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("TLS failed");
        }
    }

    @Test
    @Covers("WS-4.1-C5b")
    void theServerIsTheNameThatIsAskedFor() throws Exception {
        try (SSLServerSocket listening = (SSLServerSocket) Certificates.context()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            CompletableFuture<WebSocket> connected =
                    client.connectAsync("wss://localhost:" + listening.getLocalPort(), atClient);
            try (SSLSocket accepted = (SSLSocket) listening.accept();
                    RawPeer peer = new RawPeer(accepted)) {
                peer.acceptHandshake();
                connected.get(60, TimeUnit.SECONDS);
                ExtendedSSLSession session = (ExtendedSSLSession) accepted.getSession();
                assertThat(session.getRequestedServerNames()).isEqualTo(List.of(new SNIHostName("localhost")));
                assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
                peer.sendHex("88 02 03e8");
                peer.readMaskedHex();
            }
            assertThat(atClient.outcome().clean()).isTrue();
        }
    }

    @Test
    @Covers("WS-10.6-2")
    void olderVersionsThanTls12AreRefused() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            String hello = "0301" + "00".repeat(32) + "00" + "0002 002f" + "0100";
            peer.sendHex("16 0301 002d 01 000029" + hello);
            assertThat(peer.readHex(1)).as("alert").isEqualTo("15");
        }
    }

    @Test
    @Covers("WS-4.2.2-1")
    void whoSpeaksNoTlsGetsNoHttp() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/echo"));
            assertThat(peer.readAll()).doesNotContain("HTTP");
        }
    }

    @Test
    @Covers("WS-POL-1")
    void whoSaysNothingIsCut() throws Exception {
        try (WebSocketServer impatient = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .timeouts(Timeouts.builder()
                                .handshake(Duration.ofMillis(200))
                                .build())
                        .tls(serverTls())
                        .start();
                RawPeer silent = RawPeer.connect(impatient.port())) {
            silent.awaitEnd();
        }
    }

    @Test
    @Covers("WS-4.1-C5a")
    void aServerThatSpeaksNoTlsIsRefused() throws Exception {
        try (WebSocketServer plain = WebSocketServer.builder().port(0).io(io).start()) {
            assertThatThrownBy(() -> client.connect("wss://localhost:" + plain.port(), atClient))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageEndingWith(": the server does not speak TLS on this port: use ws://")
                    .hasCauseInstanceOf(SSLException.class);
        }
    }
}
