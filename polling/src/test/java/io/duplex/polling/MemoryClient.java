package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientCall;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import io.duplex.polling.FakeHttp.Exchange;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** A client without sockets and without a clock, whose server is the test. Confined to the test's thread. */
final class MemoryClient {
    static final Duration EXPIRY = Duration.ofSeconds(60);
    static final Duration HOLD = Duration.ofSeconds(30);
    static final Duration POLL_INTERVAL = Duration.ofSeconds(10);

    private static final String OFFER =
            "{\"session\":\"abc\",\"subprotocol\":null,\"via\":[\"websocket\",\"sse\",\"long\",\"poll\"],"
                    + "\"holdMillis\":30000,\"expiryMillis\":60000,\"ackBytes\":65536,\"maxBlockBytes\":1000000,"
                    + "\"maxMessageBytes\":900000,\"later\":{\"members\":[{}]}}";

    private final FakeHttp http = new FakeHttp();
    private final FakeClientHost host = new FakeClientHost();
    private final ClientHttp requests = new ClientHttp(http);
    private final RecordingHandler handler;
    private CompletableFuture<WebSocket> future = new CompletableFuture<>();

    MemoryClient() {
        this(new WebSocketHandler() {});
    }

    MemoryClient(WebSocketHandler handler) {
        this.handler = new RecordingHandler(handler);
    }

    FakeHttp http() {
        return http;
    }

    FakeClientHost host() {
        return host;
    }

    ClientHttp requests() {
        return requests;
    }

    VirtualLoop loop() {
        return host.loop();
    }

    /** What the handler was told. */
    List<String> lines() {
        return handler.lines();
    }

    /** Asks for a session, or a connection. */
    CompletableFuture<WebSocket> connect(Via... vias) {
        ClientCall call =
                new ClientCall(WebSocketUri.parse("ws://server.test/chat"), HeaderFields.EMPTY, List.of(), true);
        future = new ClientOpening(
                        host, requests, List.of(vias), POLL_INTERVAL, new ClientAddress(call), handshake -> handler)
                .start();
        loop().run();
        return future;
    }

    /** Opens a session. */
    MemoryClient open(Via... vias) {
        connect(vias);
        describe();
        assertThat(future).isCompleted();
        return this;
    }

    /** The server describes a session. */
    void describe() {
        answer("POST", 200, Answers.JSON, OFFER.getBytes(UTF_8));
    }

    WebSocket socket() {
        return Objects.requireNonNull(future.getNow(null));
    }

    void pass(Duration time) {
        loop().pass(time);
    }

    /** Answers the open request of that line. */
    void answer(String line, int status, String type, byte[] content, String... fields) {
        http.open(line).answer(status, type, content, fields);
        loop().run();
    }

    void answer(String line, int status, String... fields) {
        answer(line, status, "text/plain", new byte[0], fields);
    }

    /** Answers the open request of that line with a block. */
    void answer(String line, ByteBuffer block) {
        answer(line, 200, Answers.BLOCK, bytes(block));
    }

    static byte[] bytes(ByteBuffer block) {
        byte[] bytes = new byte[block.remaining()];
        block.get(bytes);
        return bytes;
    }

    /** Cuts the open request of that line. */
    void cut(String line) {
        http.open(line).fail();
        loop().run();
    }

    /** A stream begins, in answer to the open request for one. */
    Exchange<?> stream() {
        Exchange<?> stream = http.open("GET via=sse");
        stream.head(200, "text/event-stream");
        loop().run();
        send(stream, "event: probe\ndata: 1\n\n");
        return stream;
    }

    void send(Exchange<?> stream, String piece) {
        stream.send(piece);
        loop().run();
    }

    /** The block of the open POST. */
    Block posted() {
        return blockOf(http.open("POST"));
    }

    static Block blockOf(Exchange<?> post) {
        return Objects.requireNonNull(Block.parse(Role.CLIENT, ByteBuffer.wrap(post.content())));
    }

    /** A block of the server with texts. */
    static ByteBuffer block(long ack, long first, String... texts) {
        Packet[] packets = new Packet[texts.length];
        for (int i = 0; i < texts.length; i++) {
            packets[i] = new Packet(Kind.TEXT, ByteBuffer.wrap(texts[i].getBytes(UTF_8)));
        }
        return block(ack, first, packets);
    }

    static ByteBuffer block(long ack, long first, Packet... packets) {
        int bytes = Block.HEADER_BYTES;
        for (Packet packet : packets) {
            bytes += Packet.HEADER_BYTES + packet.length();
        }
        ByteBuffer block = ByteBuffer.allocate(bytes).putLong(ack).putLong(first);
        for (Packet packet : packets) {
            packet.writeTo(block);
        }
        return block.flip();
    }
}
