package io.duplex.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.HandshakeException;
import io.duplex.Timeouts;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.transport.Certificates;
import io.duplex.transport.IoKinds;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who stands in between, or speaks no TLS at all. */
@ParameterizedClass
@MethodSource("setups")
class HostileTlsIT {
    @Parameter(0)
    private String io;

    @Parameter(1)
    private TlsProvider provider;

    private final Recorder atServer = new Recorder();
    private final Recorder atClient = new Recorder();
    private WebSocketServer server;

    static List<Arguments> setups() {
        return IoKinds.available().stream()
                .flatMap(io -> Stream.of(TlsProvider.values())
                        .filter(TlsProvider::isAvailable)
                        .map(provider -> Arguments.of(io, provider)))
                .toList();
    }

    @BeforeEach
    void start() throws Exception {
        server = serverWith(Certificates.chain(), Certificates.key(), Duration.ofMinutes(1));
    }

    private WebSocketServer serverWith(Path chain, Path key, Duration handshakeTimeout) {
        return WebSocketServer.builder()
                .port(0)
                .io(io)
                .timeouts(Timeouts.builder().handshake(handshakeTimeout).build())
                .tls(ServerTls.builder(TlsIdentity.of(chain, key))
                        .provider(provider)
                        .build())
                .route("/record", handshake -> atServer)
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawPeer open(Socket plain) throws Exception {
        SSLSocket secure = (SSLSocket)
                Certificates.context().getSocketFactory().createSocket(plain, "localhost", server.port(), false);
        RawPeer peer = new RawPeer(secure);
        peer.send(RawPeer.request("/record"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        atServer.socket();
        return peer;
    }

    @Test
    void anEndWithoutCloseNotifyIsNoCleanEnd() throws Exception {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            open(plain).sendHex("81 81 00000000 61");
            assertThat(atServer.text()).isEqualTo("a");
            plain.shutdownOutput();
            CloseOutcome outcome = atServer.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.NETWORK);
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.detail()).contains("close_notify");
            assertThat(outcome.cause()).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void anEndWithCloseNotifyIsToldFromIt() throws Exception {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
                RawPeer peer = open(plain)) {
            peer.hangUp();
            CloseOutcome outcome = atServer.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.NETWORK);
            assertThat(outcome.detail()).doesNotContain("close_notify");
        }
    }

    @Test
    void aCertificateThatHasExpiredIsRefused() throws Exception {
        try (WebSocketServer expired =
                        serverWith(Certificates.expiredChain(), Certificates.expiredKey(), Duration.ofMinutes(1));
                WebSocketClient client = WebSocketClient.builder()
                        .io(io)
                        .tls(ClientTls.builder()
                                .trust(Certificates.authorityOfExpired())
                                .provider(provider)
                                .build())
                        .build()) {
            assertThatThrownBy(() -> client.connect("wss://localhost:" + expired.port() + "/record", atClient))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("TLS failed");
        }
    }

    @Test
    @Tag("CVE-2021-28165")
    void noiseInsteadOfTlsEndsItsConnection() throws Exception {
        server.close();
        server = serverWith(Certificates.chain(), Certificates.key(), Duration.ofSeconds(3));
        Random random = new Random(28165);
        List<RawPeer> peers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[1 + random.nextInt(40_000)];
            random.nextBytes(noise);
            if (i % 2 == 0) {
                // A record of TLS 1.2 that is longer than any may be, or one that begins a handshake.
                System.arraycopy(
                        new byte[] {22, 3, 3, (byte) (i % 4 == 0 ? 0xFF : 0x20), 0},
                        0,
                        noise,
                        0,
                        Math.min(5, noise.length));
            }
            RawPeer peer = RawPeer.connect(server.port());
            peers.add(peer);
            try {
                peer.send(noise);
            } catch (java.io.IOException refused) {
                assertThat(refused).isNotNull();
            }
        }
        for (RawPeer peer : peers) {
            peer.awaitEnd();
            peer.close();
        }
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
                RawPeer friend = open(plain)) {
            friend.sendHex("81 81 00000000 61");
            assertThat(atServer.text()).isEqualTo("a");
        }
    }
}
