package io.duplex.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the newer Autobahn suites ask in their groups 12 and 13, which the one on Maven Central does not have: messages of all
 * sizes, whole and in parts, under the parameters of permessage-deflate; between our two sides, and with Node's ws on either.
 * The property {@code duplex.compression.messages} sets the number of messages for each size, 1000 in Autobahn.
 */
final class CompressionCasesIT {
    private static final int MESSAGES = Integer.getInteger("duplex.compression.messages", 10);
    private static final int[] SIZES = {16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072};
    private static final int[] PART_SIZES = {256, 1024, 4096, 32_768};
    private static final Limits LIMITS =
            Limits.builder().maxMessageBytes(2 << 20).build();
    /** A server that keeps context and full windows unless the client asks otherwise. */
    private static final PermessageDeflate OBLIGING = options(false, false, 15, 15);

    /** What the client asks for, as Duplex and as ws write it. */
    private record Parameters(String name, PermessageDeflate options, String nodeOptions) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Parameters> parameters() {
        String noTakeover = "\"serverNoContextTakeover\": true, \"clientNoContextTakeover\": true";
        return List.of(
                new Parameters("context takeover", options(false, false, 15, 15), "{\"threshold\": 0}"),
                new Parameters(
                        "server_no_context_takeover",
                        options(true, false, 15, 15),
                        "{\"threshold\": 0, \"serverNoContextTakeover\": true}"),
                new Parameters(
                        "client_no_context_takeover",
                        options(false, true, 15, 15),
                        "{\"threshold\": 0, \"clientNoContextTakeover\": true}"),
                new Parameters(
                        "no context takeover", options(true, true, 15, 15), "{\"threshold\": 0, " + noTakeover + "}"),
                new Parameters(
                        "server_max_window_bits=9",
                        options(false, false, 9, 15),
                        "{\"threshold\": 0, \"serverMaxWindowBits\": 9}"),
                new Parameters(
                        "client_max_window_bits=9",
                        options(false, false, 15, 9),
                        "{\"threshold\": 0, \"clientMaxWindowBits\": 9}"),
                new Parameters(
                        "no context takeover, 9 bits",
                        options(true, true, 9, 9),
                        "{\"threshold\": 0, " + noTakeover
                                + ", \"serverMaxWindowBits\": 9, \"clientMaxWindowBits\": 9}"));
    }

    private static PermessageDeflate options(
            boolean serverNoTakeover, boolean clientNoTakeover, int serverBits, int clientBits) {
        return PermessageDeflate.builder()
                .thresholdBytes(0)
                .serverNoContextTakeover(serverNoTakeover)
                .clientNoContextTakeover(clientNoTakeover)
                .serverMaxWindowBits(serverBits)
                .clientMaxWindowBits(clientBits)
                .build();
    }

    @ParameterizedTest
    @MethodSource("parameters")
    @Covers({
        "PMD-6-2",
        "PMD-6.1-1",
        "PMD-6.1-5",
        "PMD-6.2-1",
        "PMD-7.2.1-8",
        "PMD-7.2.1-9",
        "PMD-7.2.2-3",
        "PMD-7.2.2-4"
    })
    void ourSidesUnderstandEachOther(Parameters parameters) throws Exception {
        try (WebSocketServer server = echoServer()) {
            converseFromOurClient(parameters, server.port());
        }
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void ourClientAndNodeUnderstandEachOther(Parameters parameters) throws Exception {
        Process node = NodePeer.start(List.of("server", "{\"threshold\": 0}"));
        try {
            converseFromOurClient(
                    parameters, Integer.parseInt(node.inputReader().readLine()));
        } finally {
            node.destroy();
        }
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void nodeAndOurServerUnderstandEachOther(Parameters parameters) throws Exception {
        try (WebSocketServer server = echoServer();
                ForeignSession node = NodeSession.connect(
                        URI.create("ws://127.0.0.1:" + server.port() + "/"), parameters.nodeOptions)) {
            for (int size : SIZES) {
                for (int number = 0; number < MESSAGES; number++) {
                    String text = json(size, number);
                    node.sendText(text);
                    assertThat(node.received().nextMessage()).isEqualTo(text);
                    ByteBuffer binary = halfRandom(size, number);
                    node.sendBinary(binary.duplicate());
                    assertThat(node.received().nextMessage()).isEqualTo(binary);
                }
            }
        }
    }

    private static WebSocketServer echoServer() {
        return WebSocketServer.builder()
                .port(0)
                .limits(LIMITS)
                .subprotocols("echo")
                .compression(OBLIGING)
                .route("/", DuplexPeer::echo)
                .start();
    }

    private static void converseFromOurClient(Parameters parameters, int port) throws Exception {
        try (WebSocketClient client = WebSocketClient.builder()
                .limits(LIMITS)
                .compression(parameters.options)
                .build()) {
            DuplexPeer peer = DuplexPeer.client();
            WebSocket socket = client.connect("ws://127.0.0.1:" + port + "/", peer);
            assertThat(socket.isCompressed()).isTrue();
            for (int size : SIZES) {
                for (int number = 0; number < MESSAGES; number++) {
                    String text = json(size, number);
                    socket.send(text);
                    assertThat(peer.received().nextMessage()).isEqualTo(text);
                    ByteBuffer binary = halfRandom(size, number);
                    socket.send(binary.duplicate());
                    assertThat(peer.received().nextMessage()).isEqualTo(binary);
                }
            }
            for (int partSize : PART_SIZES) {
                for (int number = 0; number < MESSAGES; number++) {
                    String text = json(131_072, number);
                    sendParts(socket, text, partSize);
                    assertThat(peer.received().nextMessage()).isEqualTo(text);
                }
            }
        }
    }

    private static void sendParts(WebSocket socket, String text, int partSize) {
        ByteBuffer utf8 = StandardCharsets.UTF_8.encode(text);
        while (utf8.remaining() > partSize) {
            socket.sendTextPart(utf8.slice(utf8.position(), partSize), false);
            utf8.position(utf8.position() + partSize);
        }
        socket.sendTextPart(utf8, true);
    }

    /** Text as services send it: names that repeat, numbers that do not. */
    private static String json(int size, int number) {
        Random random = new Random(number);
        StringBuilder text = new StringBuilder(size + 64);
        while (text.length() < size) {
            text.append("{\"symbol\":\"DPX\",\"price\":")
                    .append(random.nextInt(100_000))
                    .append(",\"venue\":\"")
                    .append((char) ('A' + random.nextInt(26)))
                    .append("\"},");
        }
        return text.substring(0, size);
    }

    /** Runs of the same byte between bytes that do not shrink. */
    private static ByteBuffer halfRandom(int size, int number) {
        Random random = new Random(size + number);
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        for (int i = 0; i < size; i += 256) {
            Arrays.fill(bytes, i, Math.min(i + 128, size), (byte) number);
        }
        return ByteBuffer.wrap(bytes);
    }
}
