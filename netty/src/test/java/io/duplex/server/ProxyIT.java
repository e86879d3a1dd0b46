package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.transport.Certificates;
import io.duplex.transport.RawPeer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients behind proxies, as sockets see it. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.server.OpeningIT#kinds")
class ProxyIT {
    private static final String V2 = "0d0a0d0a000d0a515549540a 21 11 000c c0000207 c6336401 dc04 01bb";

    @Parameter
    String io;

    private WebSocketServer server;

    private WebSocketServer start(WebSocketServer.Builder builder) {
        server = builder.port(0)
                .io(io)
                .route("/", ProxyIT::whence)
                .httpRoute("/page", request -> HttpResponse.text(200, "hello"))
                .start();
        return server;
    }

    private static WebSocketHandler whence(Handshake handshake) {
        return new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                InetSocketAddress remote = (InetSocketAddress) handshake.remoteAddress();
                InetSocketAddress peer = (InetSocketAddress) handshake.peerAddress();
                socket.send(remote.getAddress().getHostAddress() + " " + handshake.isSecure() + " by "
                        + peer.getAddress().getHostAddress());
            }
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String text(RawPeer peer) throws Exception {
        byte[] header = peer.read(2);
        return new String(peer.read(header[1]), UTF_8);
    }

    @Test
    void aTrustedProxyIsBelievedByXForwarded() throws Exception {
        start(WebSocketServer.builder().trustedProxies(ForwardedHeader.X_FORWARDED, "127.0.0.1"));
        try (RawPeer peer = RawPeer.open(
                server.port(),
                "/",
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-Proto: https",
                "Origin: https://localhost")) {
            assertThat(text(peer)).isEqualTo("192.0.2.1 true by 127.0.0.1");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/", "X-Forwarded-Proto: https", "Origin: http://localhost"));
            assertThat(peer.readAll()).as("not the same origin").startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void aTrustedProxyIsBelievedByForwarded() throws Exception {
        start(WebSocketServer.builder().trustedProxies(ForwardedHeader.FORWARDED, "127.0.0.1"));
        try (RawPeer peer = RawPeer.open(server.port(), "/", "Forwarded: for=192.0.2.1;proto=https")) {
            assertThat(text(peer)).isEqualTo("192.0.2.1 true by 127.0.0.1");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/", "Forwarded: for=\"192.0.2.1"));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").contains("RFC 7239 §4".replace("§", "\u00C2\u00A7"));
        }
    }

    @Test
    void nobodyIsBelievedByDefaultOrFromElsewhere() throws Exception {
        start(WebSocketServer.builder().trustedProxies(ForwardedHeader.X_FORWARDED, "10.0.0.0/8"));
        try (RawPeer peer = RawPeer.open(server.port(), "/", "X-Forwarded-For: 192.0.2.1")) {
            assertThat(text(peer)).isEqualTo("127.0.0.1 false by 127.0.0.1");
        }
        server.close();
        start(WebSocketServer.builder());
        try (RawPeer peer =
                RawPeer.open(server.port(), "/", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1")) {
            assertThat(text(peer)).isEqualTo("127.0.0.1 false by 127.0.0.1");
        }
    }

    @Test
    void theProxyProtocolComesFirst() throws Exception {
        start(WebSocketServer.builder().proxyProtocol("127.0.0.0/8"));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n" + RawPeer.request("/"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(text(peer)).isEqualTo("192.0.2.7 false by 127.0.0.1");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.sendHex(V2);
            peer.send(RawPeer.request("/"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(text(peer)).isEqualTo("192.0.2.7 false by 127.0.0.1");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("PROXY UNKNOWN\r\nGET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void theProxyProtocolMayComeByteByByte() throws Exception {
        start(WebSocketServer.builder().proxyProtocol("127.0.0.0/8"));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            for (byte b : Hex.parse(V2).array()) {
                peer.send(new byte[] {b});
            }
            for (byte b : RawPeer.request("/").getBytes(ISO_8859_1)) {
                peer.send(new byte[] {b});
            }
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(text(peer)).isEqualTo("192.0.2.7 false by 127.0.0.1");
        }
    }

    @Test
    void theProxyProtocolComesBeforeTls() throws Exception {
        start(WebSocketServer.builder().proxyProtocol("127.0.0.0/8").tls(Certificates.chain(), Certificates.key()));
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
        plain.getOutputStream().write(Hex.parse(V2).array());
        try (Socket socket = Certificates.context()
                        .getSocketFactory()
                        .createSocket(plain, "localhost", server.port(), true);
                RawPeer peer = new RawPeer(socket)) {
            peer.send(RawPeer.request("/"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(text(peer)).isEqualTo("192.0.2.7 true by 127.0.0.1");
        }
    }

    @Test
    void bothMayBeChained() throws Exception {
        start(WebSocketServer.builder()
                .proxyProtocol("127.0.0.0/8")
                .trustedProxies(ForwardedHeader.X_FORWARDED, "192.0.2.7"));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.sendHex(V2);
            peer.send(RawPeer.request("/", "X-Forwarded-For: 203.0.113.5"));
            peer.head();
            assertThat(text(peer)).isEqualTo("203.0.113.5 false by 127.0.0.1");
        }
    }

    @Test
    void withoutItsHeaderAConnectionIsClosed() throws Exception {
        start(WebSocketServer.builder().proxyProtocol("127.0.0.0/8"));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/"));
            peer.awaitEnd();
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.sendHex("0d0a0d0a000d0a515549540a 21 11 ffff");
            peer.awaitEnd();
        }
    }

    @Test
    void theHeaderHasNoMoreTimeThanTheHandshake() throws Exception {
        start(WebSocketServer.builder()
                .proxyProtocol("127.0.0.0/8")
                .timeouts(Timeouts.builder().handshake(Duration.ofMillis(300)).build()));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("PROXY TC");
            peer.awaitEnd();
        }
    }

    @Test
    void fromElsewhereNobodyComesIn() throws Exception {
        start(WebSocketServer.builder().proxyProtocol("10.0.0.0/8"));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.awaitEnd();
        }
    }
}
