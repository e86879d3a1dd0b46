package io.duplex.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.tls.ClientTls;
import io.duplex.tls.ServerTls;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Unix domain sockets on both sides. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class UnixSocketIT {
    private static final Limits LIMITS =
            Limits.builder().maxMessageBytes(5 << 20).maxQueueBytes(64 << 20).build();

    @Parameter
    String io;

    @TempDir
    private Path directory;

    private final Recorder atServer = new Recorder();
    private final Recorder atClient = new Recorder();
    private Path path;
    private WebSocketServer server;
    private WebSocketClient client;

    @BeforeEach
    void start() {
        path = directory.resolve("s");
        server = builder().start();
        client =
                WebSocketClient.builder().io(io).limits(LIMITS).unixSocket(path).build();
    }

    private WebSocketServer.Builder builder() {
        return WebSocketServer.builder()
                .unixSocket(path)
                .io(io)
                .threads(1)
                .limits(LIMITS)
                .route("/echo", handshake -> new Echo())
                .route("/record", handshake -> atServer);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void messagesOfAnySizeComeBack() throws Exception {
        WebSocket socket = client.connect("ws://any.example/echo", atClient);
        Random random = new Random(7);
        for (int size : new int[] {0, 1, 126, 65536, 4 << 20}) {
            byte[] payload = new byte[size];
            random.nextBytes(payload);
            socket.send(ByteBuffer.wrap(payload));
            assertThat(atClient.binary()).isEqualTo(payload);
        }
        socket.close(4000, "bye");
        assertThat(atClient.outcome().clean()).isTrue();
    }

    @Test
    void theHostIsThatOfTheUriAndTheAddressIsTheSocket() throws Exception {
        WebSocket socket = client.connect("ws://chat.example:81/record", atClient);
        assertThat(atServer.socket().handshake().header("Host")).isEqualTo("chat.example:81");
        assertThat(atServer.socket().handshake().remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
        assertThat(socket.handshake().remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
        assertThat(server.unixSocket()).isEqualTo(path);
        assertThatIllegalStateException().isThrownBy(server::port).withMessageContaining("has no port");
    }

    @Test
    void theNameThatAClientGivesItsOwnEndIsNotTaken() throws Exception {
        try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.bind(UnixDomainSocketAddress.of(directory.resolve("trusted\nproxy")));
            peer.connect(UnixDomainSocketAddress.of(path));
            peer.write(ByteBuffer.wrap(RawPeer.request("/record").getBytes(ISO_8859_1)));
            assertThat(atServer.socket().handshake().remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
        }
    }

    @Test
    void aBrokenConnectionIsToldToTheOtherSide() throws Exception {
        client.connect("ws://any.example/record", atClient).abort();
        assertThat(atServer.outcome().status().code()).isEqualTo(1006);
    }

    @Test
    void aBrowsersOriginIsCheckedAsEverywhere() {
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> client.request("ws://chat.example/echo")
                        .origin("https://evil.example")
                        .connect())
                .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(403));
    }

    @Test
    void theFileIsRemovedAtTheEnd() {
        assertThat(path).exists();
        server.close();
        assertThat(path).doesNotExist();
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> client.connect("ws://any.example/echo"))
                .withMessageContaining(path.toString());
    }

    @Test
    void aSocketThatSomebodyListensOnIsNotReplaced() {
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> builder().start())
                .withMessageContaining("somebody listens on " + path);
        assertThat(client.connect("ws://any.example/echo", atClient).handshake().path())
                .isEqualTo("/echo");
    }

    @Test
    void aSocketThatNobodyListensOnIsReplaced() throws Exception {
        server.close();
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        server = builder().start();
        client.connect("ws://any.example/echo", atClient).send("hi");
        assertThat(atClient.text()).isEqualTo("hi");
    }

    @Test
    void aFileThatIsNoSocketIsNotReplaced() throws Exception {
        server.close();
        Files.writeString(path, "precious");
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> builder().start())
                .withMessageContaining("is no socket");
        assertThat(path).hasContent("precious");
    }

    @Test
    void tlsIsSpokenThereTooAndTheHostIsChecked() throws Exception {
        Path secured = directory.resolve("t");
        try (WebSocketServer secure = builder()
                        .unixSocket(secured)
                        .tls(ServerTls.of(Certificates.chain(), Certificates.key()))
                        .start();
                WebSocketClient trusting = WebSocketClient.builder()
                        .io(io)
                        .unixSocket(secured)
                        .tls(ClientTls.builder().trust(Certificates.chain()).build())
                        .build()) {
            assertThat(secure.isSecure()).isTrue();
            trusting.connect("wss://localhost/echo", atClient).send("hi");
            assertThat(atClient.text()).isEqualTo("hi");
            assertThatExceptionOfType(HandshakeException.class)
                    .isThrownBy(() -> trusting.connect("wss://other.example/echo"))
                    .withMessageContaining("TLS failed");
        }
    }
}
