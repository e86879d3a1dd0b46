package io.duplex.legacy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.HeaderFields;
import io.duplex.server.Authentication;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.tls.ServerTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of old on a server's port, as a raw socket sees it. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"nio", "auto"})
class LegacyIT {
    private static final String ORIGIN = "Origin: http://old.example";
    private static final String POLICY = "<policy-file-request/>\0";
    private static final String KEYS =
            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00";
    private static final String CERTIFICATES = "/io/duplex/transport/";
    private static final String KEY3 = "5e6e3a64735b3455";
    private static final String PROOF = "386a4b5327793a472a436f2c5778612d";
    private static final Duration SHORT = Duration.ofSeconds(1);
    /** For peers that do their part, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    @Parameter
    String io;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final LegacyDialect dialect = LegacyDialect.builder()
            .accept(LegacyVersion.values())
            .allowedOrigins("http://old.example")
            .build();
    private final CompletableFuture<Authentication> later = new CompletableFuture<>();
    private WebSocketServer server;

    /** Echoes, and tells the test. */
    private final class Echo implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe("news");
            told.add("open " + socket.handshake().origin() + " "
                    + socket.handshake().cookie("id"));
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            String text = UTF_8.decode(utf8.duplicate()).toString();
            if (text.equals("close")) {
                socket.close(4001, "bye");
            } else if (text.equals("binary")) {
                CompletableFuture.runAsync(() -> tryBinary(socket));
            } else {
                socket.sendText(utf8);
            }
        }

        private void tryBinary(WebSocket socket) {
            try {
                socket.send(ByteBuffer.allocate(1));
            } catch (UnsupportedOperationException e) {
                told.add("unsupported");
            }
        }

        @Override
        public void onDropped(WebSocket socket, long messages) {
            told.add("dropped " + messages);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            told.add("close " + outcome.status().code() + " " + outcome.clean() + " " + outcome.closedBy());
        }
    }

    private WebSocketServer.Builder builder() {
        return builder(LONG, LONG);
    }

    private WebSocketServer.Builder builder(Duration handshakeTimeout, Duration closeTimeout) {
        return WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(Limits.builder().maxMessageBytes(1000).build())
                .timeouts(Timeouts.builder()
                        .handshake(handshakeTimeout)
                        .close(closeTimeout)
                        .build())
                .route("/standard", handshake -> new Echo())
                .route(
                        "/late",
                        RouteOptions.builder()
                                .dialect(dialect)
                                .authenticator(handshake -> later)
                                .build(),
                        handshake -> new Echo())
                .route(
                        "/old",
                        RouteOptions.builder()
                                .dialect(dialect)
                                .subprotocols("v1")
                                .build(),
                        h -> new Echo());
    }

    @BeforeEach
    void start() {
        start(builder());
    }

    private void start(WebSocketServer.Builder builder) {
        server = builder.fixedRequest(
                        SocketPolicy.builder().allow("old.example", "8080").build())
                .start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(Duration handshakeTimeout, Duration closeTimeout) {
        server.close();
        start(builder(handshakeTimeout, closeTimeout));
    }

    private static String request(String path, String... lines) {
        return "GET " + path + " HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: localhost:81\r\n"
                + String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private String next() throws InterruptedException {
        String line = told.poll(60, TimeUnit.SECONDS);
        assertThat(line).as("told").isNotNull();
        return line;
    }

    private RawSocket open75() throws Exception {
        RawSocket peer = RawSocket.connect(server.port()).send(request("/old", ORIGIN));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 Web Socket Protocol Handshake\r\n");
        assertThat(next()).startsWith("open http://old.example");
        return peer;
    }

    private RawSocket open76() throws Exception {
        RawSocket peer = RawSocket.connect(server.port())
                .send(request("/old", ORIGIN, KEYS))
                .sendHex(KEY3);
        assertThat(peer.head()).startsWith("HTTP/1.1 101 WebSocket Protocol Handshake\r\n");
        assertThat(peer.readHex(16)).isEqualTo(PROOF);
        assertThat(next()).startsWith("open http://old.example");
        return peer;
    }

    // Opening

    static Stream<JsonNode> keys() {
        return Vectors.read("keys");
    }

    @ParameterizedTest
    @MethodSource("keys")
    @Covers({"HX76-7", "HX76-8", "HX76-9", "HX76-11", "HX76-13"})
    void eachKeyOfTheVectorsIsAnsweredToTheOctet(JsonNode vector) throws Exception {
        String key1 = "Sec-WebSocket-Key1: " + vector.required("key1").asText();
        String key2 = "Sec-WebSocket-Key2: " + vector.required("key2").asText();
        try (RawSocket peer = RawSocket.connect(server.port())) {
            peer.send(request("/old?x=1", ORIGIN, key1, key2, "Sec-WebSocket-Protocol: v1", "Cookie: id=7"));
            peer.sendHex(vector.required("key3").asText());
            assertThat(peer.head())
                    .isEqualTo(head(
                            "HTTP/1.1 101 WebSocket Protocol Handshake",
                            "Upgrade: WebSocket",
                            "Connection: Upgrade",
                            "Sec-WebSocket-Location: ws://localhost:81/old?x=1",
                            "Sec-WebSocket-Origin: http://old.example",
                            "Sec-WebSocket-Protocol: v1"));
            assertThat(peer.readHex(16)).isEqualTo(vector.required("response").asText());
            assertThat(next()).isEqualTo("open http://old.example 7");
        }
    }

    @Test
    @Covers("HX76-10")
    void theHeadOfTheAnswerDoesNotWaitForTheThirdKey() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port()).send(request("/old", ORIGIN, KEYS))) {
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(told).as("not open yet").isEmpty();
            peer.send("aaaaaaaa");
            assertThat(peer.readHex(16)).isEqualTo("ca3400d8a50847972cd5715ababf437b");
            assertThat(next()).startsWith("open");
        }
    }

    @Test
    @Covers({"HX76-13", "HXF-1"})
    void framesInTheSegmentOfTheThirdKeyAreNotLost() throws Exception {
        byte[] head = request("/old", ORIGIN, KEYS).getBytes(ISO_8859_1);
        byte[] rest = Hex.parse(KEY3 + "0061ff" + "0062ff").array();
        byte[] all = Arrays.copyOf(head, head.length + rest.length);
        System.arraycopy(rest, 0, all, head.length, rest.length);
        try (RawSocket peer = RawSocket.connect(server.port()).send(all)) {
            peer.head();
            assertThat(peer.readHex(16 + 6)).isEqualTo(PROOF + "0061ff" + "0062ff");
        }
    }

    @Test
    void aHandshakeByteByByteIsTheSame() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port())) {
            for (byte octet : request("/old", ORIGIN, KEYS).getBytes(ISO_8859_1)) {
                peer.send(new byte[] {octet});
            }
            for (byte octet : Hex.parse(KEY3 + "0061ff").array()) {
                peer.send(new byte[] {octet});
            }
            peer.head();
            assertThat(peer.readHex(16 + 3)).isEqualTo(PROOF + "0061ff");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5e6e3a64735b34"})
    @Covers("HX76-10")
    void aThirdKeyThatDoesNotComeIsNotWaitedForForEver(String some) throws Exception {
        restart(SHORT, LONG);
        try (RawSocket peer = RawSocket.connect(server.port())
                .send(request("/old", ORIGIN, KEYS))
                .sendHex(some)) {
            peer.head();
            assertThat(peer.readAll()).isEmpty();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void aPeerThatEndsBeforeTheThirdKeyIsLetGo() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port()).send(request("/old", ORIGIN, KEYS))) {
            peer.head();
            assertThat(peer.endOutput().readAll()).isEmpty();
        }
        assertThat(told).isEmpty();
    }

    @Test
    @Covers("HX76-10")
    void anAuthenticatorIsWaitedForWithTheThirdKeyInHand() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port())
                .send(request("/late", ORIGIN, KEYS))
                .sendHex(KEY3 + "0061ff")) {
            later.complete(Authentication.accept("ada")
                    .withFields(HeaderFields.builder().add("Set-Cookie", "a=1").build()));
            assertThat(peer.head()).contains("\r\nSet-Cookie: a=1\r\n");
            assertThat(peer.readHex(16 + 3)).isEqualTo(PROOF + "0061ff");
        }
    }

    @Test
    @Covers({"HX76-3"})
    void anOriginThatIsNotOnTheListIsRefused() throws Exception {
        for (String lines : List.of("Origin: http://evil.example", "Origin: http://localhost:81", "X: y")) {
            try (RawSocket peer = RawSocket.connect(server.port()).send(request("/old", lines, KEYS))) {
                assertThat(peer.readAll()).startsWith("HTTP/1.1 403 ");
            }
        }
        assertThat(dialect.refused()).isEqualTo(3);
    }

    @Test
    @Covers("LEG-DET-2")
    void aRouteWithoutItAnswersAsTheStandardSays() throws Exception {
        List<String> requests = List.of(
                request("/standard", ORIGIN),
                request("/standard", ORIGIN, KEYS),
                request(
                        "/standard",
                        ORIGIN,
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Sec-WebSocket-Version: 8"));
        for (String request : requests) {
            try (RawSocket peer = RawSocket.connect(server.port()).send(request)) {
                assertThat(peer.readAll())
                        .matches("(?s)HTTP/1.1 4(00|26) .*")
                        .contains("\r\nSec-WebSocket-Version: 13\r\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "8"})
    @Covers({"HY-1", "HY-2"})
    void hybiSpeaksTheFramesOfTheStandard(String version) throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port())) {
            peer.send(request(
                    "/old",
                    "Sec-WebSocket-Version: " + version,
                    "Sec-WebSocket-Origin: http://old.example",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
            assertThat(peer.head()).contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(next()).isEqualTo("open http://old.example null");
            peer.sendHex("8181 00000000 61");
            assertThat(peer.readHex(3)).isEqualTo("810161");
            peer.sendHex("8880 00000000");
            assertThat(peer.readHex(2)).isEqualTo("8800");
            assertThat(peer.endOutput().readAll()).isEmpty();
            assertThat(next()).isEqualTo("close 1005 true PEER");
        }
    }

    // Frames

    static Stream<JsonNode> frames() {
        return Vectors.read("frames");
    }

    @ParameterizedTest
    @MethodSource("frames")
    @Covers({"HXF-1", "HXF-2", "HXF-3", "HXF-4", "HXF-5"})
    void eachVectorIsEchoed(JsonNode vector) throws Exception {
        StringBuilder echo = new StringBuilder();
        for (JsonNode event : vector.required("events")) {
            boolean text = event.required("type").asText().equals("text");
            byte[] utf8 = event.path("data").asText("").getBytes(UTF_8);
            echo.append(text ? "00" + Hex.format(ByteBuffer.wrap(utf8)) + "ff" : "ff00");
        }
        for (JsonNode draft : vector.required("drafts")) {
            try (RawSocket peer = draft.asText().equals("75") ? open75() : open76()) {
                peer.sendHex(vector.required("hex").asText());
                assertThat(peer.readHex(echo.length() / 2)).isEqualTo(echo.toString());
            }
            assertThat(next()).startsWith("close");
        }
    }

    @Test
    @Covers("HXF-6")
    void binaryIsRefusedAtWhoSendsItOnAnotherThread() throws Exception {
        try (RawSocket peer = open76()) {
            peer.send("\0binary\u00ff");
            assertThat(next()).isEqualTo("unsupported");
            assertThat(peer.send("\0a\u00ff").readHex(3)).isEqualTo("0061ff");
        }
    }

    @Test
    @Covers("HXF-6")
    void topicsBringTextAndDropTheRest() throws Exception {
        try (RawSocket peer = open75()) {
            server.publish("news", ByteBuffer.allocate(1));
            server.publish("news", "a");
            assertThat(peer.readHex(3)).isEqualTo("0061ff");
            assertThat(next()).isEqualTo("dropped 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "01"})
    @Covers("HXF-7")
    void textWithoutAnEndEndsTheConnection(String type) throws Exception {
        try (RawSocket peer = open76()) {
            peer.sendHex(type + "61".repeat(1001));
            assertThat(peer.readAll()).isEqualTo("\u00ff\0");
        }
        assertThat(next()).isEqualTo("close 1006 false LIMIT");
    }

    @Test
    @Covers("HXF-7")
    void aLengthWithoutAnEndEndsTheConnection() throws Exception {
        try (RawSocket peer = open75()) {
            assertThat(peer.sendHex("80" + "ff".repeat(10)).readAll()).isEmpty();
        }
        assertThat(next()).isEqualTo("close 1006 false LIMIT");
    }

    // Closing

    @Test
    @Covers({"HXF-4", "HXF-8"})
    void thePeersCloseIsAnsweredOnceAndTcpEnds() throws Exception {
        try (RawSocket peer = open76().sendHex("ff00ff00")) {
            assertThat(peer.readAll()).isEqualTo("\u00ff\0");
        }
        assertThat(next()).isEqualTo("close 1005 true PEER");
    }

    @Test
    @Covers("HXF-8")
    void ourCloseWaitsForThePeers() throws Exception {
        try (RawSocket peer = open76().send("\0close\u00ff")) {
            assertThat(peer.readHex(2)).isEqualTo("ff00");
            peer.sendHex("ff00");
            assertThat(peer.readAll()).isEmpty();
        }
        assertThat(next()).isEqualTo("close 1005 true SELF");
    }

    @Test
    @Covers("HXF-8")
    void aSilentPeerIsCutAfterTheCloseTimeout() throws Exception {
        restart(LONG, SHORT);
        try (RawSocket peer = open76().send("\0close\u00ff")) {
            assertThat(peer.readAll()).isEqualTo("\u00ff\0");
        }
        assertThat(next()).isEqualTo("close 1006 false SELF");
    }

    @Test
    @Covers("HX75-4")
    void hixie75EndsWithTcp() throws Exception {
        try (RawSocket peer = open75().send("\0close\u00ff")) {
            assertThat(peer.readAll()).isEmpty();
        }
        assertThat(next()).isEqualTo("close 1006 false SELF");
        try (RawSocket peer = open75()) {
            assertThat(peer.endOutput().readAll()).isEmpty();
        }
        assertThat(next()).isEqualTo("close 1006 false NETWORK");
    }

    // TLS

    @Test
    @Covers({"HX76-9", "HX75-2"})
    void insideTlsTheLocationIsWss() throws Exception {
        try (WebSocketServer secure = builder()
                        .tls(ServerTls.of(path("localhost.crt.pem"), path("localhost.key.pem")))
                        .start();
                RawSocket peer = new RawSocket(trusting().createSocket("localhost", secure.port()))) {
            peer.send(request("/old", ORIGIN, KEYS)).sendHex(KEY3 + "0061ff");
            assertThat(peer.head()).contains("Sec-WebSocket-Location: wss://localhost:81/old\r\n");
            assertThat(peer.readHex(16 + 3)).isEqualTo(PROOF + "0061ff");
        }
    }

    private static Path path(String name) throws Exception {
        return Path.of(LegacyIT.class.getResource(CERTIFICATES + name).toURI());
    }

    private static SocketFactory trusting() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream certificate = LegacyIT.class.getResourceAsStream(CERTIFICATES + "localhost.crt.pem")) {
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(certificate));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    // Flash

    @Test
    @Covers({"FLASH-1", "FLASH-2"})
    void aPolicyRequestIsAnsweredAndTheConnectionEnds() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port()).send(POLICY)) {
            assertThat(peer.readAll())
                    .isEqualTo("<?xml version=\"1.0\"?><cross-domain-policy><allow-access-from domain=\"old.example\""
                            + " to-ports=\"8080\"/></cross-domain-policy>\0");
        }
    }

    @Test
    @Covers({"FLASH-4", "FLASH-5"})
    void aPolicyRequestInPiecesIsWaitedForAsLongAsAHandshake() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port())) {
            for (byte octet : POLICY.getBytes(US_ASCII)) {
                peer.send(new byte[] {octet});
            }
            assertThat(peer.readAll()).startsWith("<?xml").endsWith("\0");
        }
        restart(SHORT, LONG);
        try (RawSocket peer = RawSocket.connect(server.port()).send(POLICY.substring(0, 22))) {
            assertThat(peer.readAll()).doesNotContain("<?xml");
        }
    }

    @Test
    @Covers("FLASH-4")
    void whatOnlyBeginsLikeOneIsHttp() throws Exception {
        try (RawSocket peer = RawSocket.connect(server.port()).send("<policy-file/>\0 and more\r\n\r\n")) {
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    @Covers("FLASH-5")
    void aServerThatWasNotToldAnswersNoPolicyRequest() throws Exception {
        try (WebSocketServer plain = builder().start();
                RawSocket peer = RawSocket.connect(plain.port()).send(POLICY)) {
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").doesNotContain("policy");
        }
    }
}
