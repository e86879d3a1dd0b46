package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.Echo;
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

    private static void take(long bytes) {
        assertThat(RequestMemory.SHARED.tryTake(bytes)).isTrue();
    }

    @Test
    void longHeadsAreRefusedWhereThereAreTooMany() throws Exception {
        long most = RequestMemory.SHARED.left() - 7_000;
        take(most);
        try (RawPeer first = RawPeer.open(server.port(), "/echo", LONG)) {
            assertThat(RequestMemory.SHARED.left()).isBetween(1L, 4_500L);
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
            RequestMemory.SHARED.give(most);
        }
    }

    @Test
    void aBodyIsHeldUntilItIsAnswered() throws Exception {
        String request = "POST /held HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n";
        try (RawPeer peer = RawPeer.connect(server.port());
                RawPeer other = RawPeer.connect(server.port())) {
            peer.send(request + "x".repeat(BODY_BYTES));
            HttpExchange exchange = held.poll(20, TimeUnit.SECONDS);
            assertThat(exchange).isNotNull();
            long most = RequestMemory.SHARED.left() - BODY_BYTES + 1;
            take(most);
            other.send(request + "x".repeat(BODY_BYTES));
            assertThat(other.head()).startsWith("HTTP/1.1 503 ");
            RequestMemory.SHARED.give(most);
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
    void whatIsTakenIsGivenBack() {
        RequestMemory memory = new RequestMemory(10);
        assertThat(memory.tryTake(11)).isFalse();
        assertThat(memory.tryTake(10)).isTrue();
        memory.take(5);
        assertThat(memory.left()).isEqualTo(-5);
        memory.give(15);
        assertThat(memory.left()).isEqualTo(10);
    }
}
