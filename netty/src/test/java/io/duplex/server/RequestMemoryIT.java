package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.Echo;
import io.duplex.transport.MemoryBudget;
import io.duplex.transport.RawPeer;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the heap holds of requests. */
@Timeout(120)
class RequestMemoryIT {
    private static final int BODY_BYTES = 50_000;
    private static final String POST =
            "POST /held HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n";
    private static final String LONG = "Cookie: " + "x".repeat(8_000);

    private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
    private WebSocketServer server;
    private long before;

    @BeforeEach
    void start() {
        before = RequestMemory.SHARED.left();
        server = WebSocketServer.builder()
                .port(0)
                .route("/echo", handshake -> new Echo())
                .service("/held", held::add)
                .start();
    }

    @AfterEach
    void nothingIsHeldAnyMore() {
        server.close();
        while (RequestMemory.SHARED.left() < before) {
            Thread.onSpinWait();
        }
    }

    /** Takes what heads may take but for some bytes; returns how much that was. */
    private static long takeHeadsBut(long bytes) {
        long most = 0;
        while (RequestMemory.SHARED.hasRoomForHead(bytes)) {
            RequestMemory.SHARED.takeHead(1_000);
            most += 1_000;
        }
        RequestMemory.SHARED.giveHead(1_000);
        return most - 1_000;
    }

    @Test
    void longHeadsAreRefusedWhereThereAreTooMany() throws Exception {
        long most = takeHeadsBut(6_000);
        try (RawPeer first = RawPeer.open(server.port(), "/echo", LONG)) {
            assertThat(RequestMemory.SHARED.hasRoomForHead(6_000)).isFalse();
            try (RawPeer second = RawPeer.connect(server.port());
                    RawPeer usual = RawPeer.open(server.port(), "/echo")) {
                second.send(RawPeer.request("/echo", LONG));
                assertThat(second.readAll())
                        .startsWith("HTTP/1.1 503 ")
                        .contains("\r\nRetry-After: 10\r\n")
                        .endsWith("server has no memory left\n");
                usual.sendHex("81 82 00000000 6869");
                assertThat(usual.readHex(4)).isEqualTo("81026869");
            }
            first.sendHex("81 82 00000000 6869");
            assertThat(first.readHex(4)).isEqualTo("81026869");
        } finally {
            RequestMemory.SHARED.giveHead(most);
        }
    }

    @Test
    void headsLeaveRoomForBodies() throws Exception {
        long most = takeHeadsBut(1);
        try (RawPeer head = RawPeer.connect(server.port());
                RawPeer body = RawPeer.connect(server.port())) {
            head.send(RawPeer.request("/echo", LONG));
            assertThat(head.head()).startsWith("HTTP/1.1 503 ");
            body.send(POST + "x".repeat(BODY_BYTES));
            HttpExchange exchange = held.poll(60, TimeUnit.SECONDS);
            assertThat(exchange).isNotNull();
            exchange.respond(200, HeaderFields.EMPTY, ByteBuffer.wrap("taken".getBytes(UTF_8)));
            assertThat(body.head()).startsWith("HTTP/1.1 200 ");
        } finally {
            RequestMemory.SHARED.giveHead(most);
        }
    }

    @Test
    void aBodyIsHeldUntilItIsAnswered() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port());
                RawPeer other = RawPeer.connect(server.port())) {
            peer.send(POST + "x".repeat(BODY_BYTES));
            HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
            assertThat(exchange).isNotNull();
            long most = RequestMemory.SHARED.left() - BODY_BYTES;
            RequestMemory.BUDGET.add(most);
            other.send(POST + "x".repeat(BODY_BYTES));
            assertThat(other.head()).startsWith("HTTP/1.1 503 ");
            RequestMemory.BUDGET.give(most);
            exchange.respond(200, HeaderFields.EMPTY, ByteBuffer.wrap("taken".getBytes(UTF_8)));
            assertThat(peer.head()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void theUsualLengthIsNotCounted() {
        assertThat(RequestMemory.ofHead(head(1, 3_000))).isZero();
        assertThat(RequestMemory.ofHead(head(1, 5_000))).isBetween(1_000, 1_100);
        assertThat(RequestMemory.ofHead(head(100, 1))).isGreaterThan(5_000);
    }

    private static RequestHead head(int fields, int valueChars) {
        HeaderFields.Builder all = HeaderFields.builder();
        for (int i = 0; i < fields; i++) {
            all.add("a", "x".repeat(valueChars));
        }
        return new RequestHead("GET", "/", HttpVersion.HTTP_1_1, all.build());
    }

    @Test
    void nobodyGetsMoreThanTwiceWhatIsLeftAndHeadsNoMoreThanHalf() {
        RequestMemory memory = new RequestMemory(new MemoryBudget(1200));
        assertThat(memory.hasRoomForHead(401)).isFalse();
        assertThat(memory.tryTakeHead(401)).isFalse();
        assertThat(memory.hasRoomForHead(400)).isTrue();
        assertThat(memory.tryTakeHead(400)).isTrue();
        assertThat(memory.tryTakeHead(134)).isFalse();
        assertThat(memory.tryTakeBody(534)).isFalse();
        assertThat(memory.tryTakeBody(532)).isTrue();
        assertThat(memory.tryTakeBody(180)).isFalse();
        assertThat(memory.left()).isEqualTo(268);
        memory.takeHead(300);
        assertThat(memory.left()).isEqualTo(-32);
        assertThat(memory.hasRoomForHead(0)).isTrue();
        assertThat(memory.hasRoomForHead(1)).isFalse();
        memory.giveHead(700);
        memory.giveBody(532);
        assertThat(memory.left()).isEqualTo(1200);
    }
}
