package io.duplex.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.DecodeException;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.client.WebSocketClient;
import io.duplex.codec.SubprotocolHandlers;
import io.duplex.codec.TypedBlockingWebSocket;
import io.duplex.codec.TypedHandler;
import io.duplex.codec.TypedWebSocket;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Typed messages between a server and clients of ours, over sockets. */
class TypedMessagesIT {
    private static final JsonCodec<Sum> SUMS = JsonCodec.of(Sum.class);
    private static final JsonCodec<Text> TEXTS = JsonCodec.of(Text.class);

    private final BlockingQueue<WebSocketException> errors = new LinkedBlockingQueue<>();
    private final BlockingQueue<CloseOutcome> outcomes = new LinkedBlockingQueue<>();
    private WebSocketServer server;
    private WebSocketClient client;

    record Sum(int a, int b) {}

    record Text(String text) {}

    /** Answers with the sum, and 0. */
    private final class Adding implements TypedHandler<Sum> {
        @Override
        public void onMessage(TypedWebSocket<Sum> socket, Sum sum) {
            socket.send(new Sum(sum.a() + sum.b(), 0));
        }

        @Override
        public void onError(TypedWebSocket<Sum> socket, WebSocketException error) {
            errors.add(error);
        }

        @Override
        public void onClose(TypedWebSocket<Sum> socket, CloseOutcome outcome) {
            outcomes.add(outcome);
        }
    }

    @BeforeEach
    void start() {
        client = WebSocketClient.create();
        server = WebSocketServer.builder()
                .port(0)
                .limits(Limits.builder().maxMessageBytes(256 << 10).build())
                .subprotocols("other")
                .route("/sums", handshake -> SUMS.handler(new Adding()))
                .blockingRoute("/blocking", SUMS.blocking(socket -> {
                    for (Sum sum : socket) {
                        socket.send(new Sum(sum.a() + sum.b(), 0));
                    }
                }))
                .route(
                        "/chosen",
                        RouteOptions.builder().subprotocols("sums", "texts").build(),
                        SubprotocolHandlers.builder()
                                .on("sums", handshake -> SUMS.handler(new Adding()))
                                .on(
                                        "texts",
                                        handshake -> TEXTS.handler(
                                                (socket, text) -> socket.send(new Text(text.text() + "!"))))
                                .build())
                .start();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private String uri(String path) {
        return "ws://127.0.0.1:" + server.port() + path;
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS), "nothing came");
    }

    @ParameterizedTest
    @CsvSource({"/sums", "/blocking"})
    void bothSidesTalkInValues(String path) {
        try (TypedBlockingWebSocket<Sum> socket = SUMS.over(client.connect(uri(path)))) {
            for (int i = 0; i < 1000; i++) {
                socket.send(new Sum(i, 1));
                assertThat(socket.receive()).isEqualTo(new Sum(i + 1, 0));
            }
        }
    }

    @Test
    void aClientMayHaveAHandler() throws Exception {
        BlockingQueue<Sum> received = new LinkedBlockingQueue<>();
        WebSocket socket = client.connect(uri("/sums"), SUMS.handler((typed, sum) -> received.add(sum)));
        SUMS.over(socket).send(new Sum(2, 3));
        assertThat(next(received)).isEqualTo(new Sum(5, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "/sums; nonsense; 1007",
                "/sums; {\"a\":\"one\"}; 1007",
                "/sums; {\"a\":1}}; 1007",
                "/blocking; nonsense; 1007",
            })
    void whatIsNotUnderstoodClosesTheConnection(String path, String text, int code) throws Exception {
        try (BlockingWebSocket socket = client.connect(uri(path))) {
            socket.send(text);
            assertThat(socket.receive()).isNull();
            assertThat(Objects.requireNonNull(socket.closeOutcome()).status())
                    .isEqualTo(new CloseStatus(code, "message not understood"));
        }
        if (path.equals("/sums")) {
            assertThat(next(errors))
                    .isInstanceOf(DecodeException.class)
                    .hasMessageStartingWith("not " + Sum.class.getName());
            assertThat(next(outcomes).clean()).isTrue();
        }
    }

    @Test
    void depthBeyondTheLimitClosesTheConnection() throws Exception {
        try (BlockingWebSocket socket = client.connect(uri("/sums"))) {
            socket.send("{\"unknown\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
            assertThat(socket.receive()).isNull();
            assertThat(Objects.requireNonNull(socket.closeOutcome()).status())
                    .isEqualTo(new CloseStatus(1008, "message not understood"));
        }
        assertThat(next(errors)).hasMessageStartingWith("a limit is exceeded");
    }

    @Test
    void sizeBeyondTheLimitClosesTheConnectionBeforeAnyOfItIsParsed() throws Exception {
        try (BlockingWebSocket socket = client.connect(uri("/sums"))) {
            socket.send("\"" + "x".repeat(300_000) + "\"");
            assertThat(socket.receive()).isNull();
            assertThat(Objects.requireNonNull(socket.closeOutcome()).status().code())
                    .isEqualTo(1009);
        }
        assertThat(next(errors)).isNotInstanceOf(DecodeException.class);
    }

    @Test
    void aKindThatIsNotUnderstoodClosesTheConnection() throws Exception {
        try (BlockingWebSocket socket = client.connect(uri("/sums"))) {
            socket.send(ByteBuffer.allocate(1));
            assertThat(socket.receive()).isNull();
            assertThat(Objects.requireNonNull(socket.closeOutcome()).status())
                    .isEqualTo(new CloseStatus(1003, "kind of message not supported"));
        }
        assertThat(next(errors)).isInstanceOf(DecodeException.class);
    }

    @Test
    void aClientThatGetsWhatItDoesNotUnderstandThrows() throws Exception {
        try (TypedBlockingWebSocket<Text> socket = JsonCodec.of(Text.class).over(client.connect(uri("/sums")))) {
            socket.socket().send("{\"a\":1,\"b\":1}");
            assertThat(socket.receive()).isEqualTo(new Text(null));
        }
        assertThat(next(outcomes).status()).isEqualTo(new CloseStatus(1000, ""));
        try (TypedBlockingWebSocket<Integer> socket =
                JsonCodec.of(Integer.class).over(client.connect(uri("/sums")))) {
            socket.socket().send("{\"a\":1,\"b\":1}");
            assertThatExceptionOfType(DecodeException.class).isThrownBy(socket::receive);
        }
        assertThat(next(outcomes).status()).isEqualTo(new CloseStatus(1007, "message not understood"));
    }

    @Test
    void theAgreedSubprotocolChoosesTheCodec() {
        try (TypedBlockingWebSocket<Sum> socket =
                SUMS.over(client.request(uri("/chosen")).subprotocols("sums").connect())) {
            socket.send(new Sum(2, 3));
            assertThat(socket.receive()).isEqualTo(new Sum(5, 0));
        }
        try (TypedBlockingWebSocket<Text> socket = TEXTS.over(
                client.request(uri("/chosen")).subprotocols("other", "texts").connect())) {
            assertThat(socket.handshake().subprotocol()).isEqualTo("texts");
            socket.send(new Text("hi"));
            assertThat(socket.receive()).isEqualTo(new Text("hi!"));
        }
    }

    @Test
    void whoHasNoSubprotocolInCommonIsRefused() {
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() ->
                        client.request(uri("/chosen")).subprotocols("other").connect())
                .satisfies(refusal -> {
                    assertThat(refusal.status()).isEqualTo(400);
                    assertThat(new String(refusal.body(), StandardCharsets.UTF_8))
                            .contains("spoken here: sums, texts");
                });
    }

    @Test
    void aRouteWithoutSubprotocolsOfItsOwnHasTheServers() {
        try (BlockingWebSocket socket =
                client.request(uri("/sums")).subprotocols("other", "sums").connect()) {
            assertThat(socket.subprotocol()).isEqualTo("other");
        }
    }
}
