package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    private static final String OPENING = "retry: 1000\nevent: probe\ndata: 1\n\n";

    private final MemoryHost host = new MemoryHost();
    private Polling polling = Polling.of(handshake -> new RecordingHandler());

    private MemoryExchange serve(String method, String target, byte[] body, String... fields) {
        MemoryExchange exchange = new MemoryExchange(host.loop().shared(), method, target, body, fields);
        polling.serve(exchange);
        host.loop().run();
        return exchange;
    }

    private String open() {
        polling.start(host);
        MemoryExchange opened = serve("POST", "/", new byte[0], "Content-Type", "application/octet-stream");
        return opened.text().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    private MemoryExchange stream(String id, String query, String... fields) {
        List<String> all = new ArrayList<>(List.of("Duplex-Session", id));
        all.addAll(List.of(fields));
        return serve("GET", "/?via=sse&" + query, new byte[0], all.toArray(String[]::new));
    }

    private void acknowledge(String id, long number) {
        byte[] block = new byte[16];
        ByteBuffer.wrap(block).putLong(number).putLong(1);
        MemoryExchange post =
                serve("POST", "/", block, "Duplex-Session", id, "Content-Type", "application/octet-stream");
        assertThat(post.status()).isEqualTo(200);
    }

    private WebSocket socket() {
        return host.sessions().get(0);
    }

    @Test
    @Covers({"SSE-1", "SSE-2", "SSE-3", "SSE-4", "STREAM-2"})
    void eachPacketIsAnEvent() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        assertThat(stream.field("Content-Type")).isEqualTo("text/event-stream");
        assertThat(stream.text()).isEqualTo(OPENING);
        socket().send("Hällo");
        socket().send("two\nlines\n");
        socket().send("event: evil\r\nid: 9\r\n");
        socket().send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        socket().send("");
        socket().ping(ByteBuffer.wrap(new byte[] {7}));
        host.loop().run();
        assertThat(stream.text())
                .isEqualTo(OPENING + "id: 1\ndata: tHällo\n\n"
                        + "id: 2\ndata: ttwo\ndata: lines\ndata: \n\n"
                        + "id: 3\ndata: TZXZlbnQ6IGV2aWwNCmlkOiA5DQo=\n\n"
                        + "id: 4\ndata: bAQID\n\n"
                        + "id: 5\ndata: t\n\n"
                        + "id: 6\ndata: pBw==\n\n");
    }

    @Test
    @Covers({"STREAM-4", "STREAM-5"})
    void aStreamBeginsWithPaddingIfAskedForAndAProbe() {
        String id = open();
        assertThat(stream(id, "turn=1&pad=2048").text()).isEqualTo(":" + " ".repeat(2048) + "\n" + OPENING);
        assertThat(stream(id, "turn=1&pad=99999").text()).hasSize(1 + 8192 + 1 + OPENING.length());
    }

    @Test
    @Covers({"SSE-3", "SSE-6"})
    void aSilentStreamHasComments() {
        String id = open();
        MemoryExchange stream = stream(id, "turn=1");
        host.loop().pass(Duration.ofSeconds(31));
        assertThat(stream.text()).isEqualTo(OPENING + ":\n\n:\n\n");
    }

    @Test
    @Covers("SSE-5")
    void aStreamGoesOnBehindTheLastEvent() {
        String id = open();
        MemoryExchange first = stream(id, "after=0&turn=1");
        socket().send("a");
        socket().send("b");
        host.loop().run();
        first.cut();
        host.loop().run();
        MemoryExchange second = stream(id, "after=0&turn=1", "Last-Event-ID", "1");
        assertThat(second.text()).isEqualTo(OPENING + "id: 2\ndata: tb\n\n");
        assertThat(stream(id, "after=0&turn=1", "Last-Event-ID", "x").status()).isEqualTo(400);
    }

    @Test
    @Covers("STREAM-3")
    void aStreamEndsSomewhere() {
        polling = Polling.builder(handshake -> new RecordingHandler())
                .maxStreamBytes(100)
                .build();
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        for (int i = 0; i < 4; i++) {
            socket().send("x".repeat(40));
        }
        host.loop().run();
        assertThat(stream.isEnded()).isTrue();
        assertThat(stream.text()).contains("id: 2\n").doesNotContain("id: 3\n");
        assertThat(stream(id, "after=2&turn=2").text()).contains("id: 3\n", "id: 4\n");
    }

    @Test
    @Covers("FB-5")
    void aStreamStopsUntilItIsAcknowledged() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        for (int i = 0; i < 40; i++) {
            socket().send(ByteBuffer.allocate(10 << 10));
        }
        host.loop().run();
        assertThat(stream.text()).contains("id: 26\n").doesNotContain("id: 27\n");
        acknowledge(id, 10);
        assertThat(stream.text()).contains("id: 36\n").doesNotContain("id: 37\n");
    }

    @Test
    void aStreamWaitsForTheNetwork() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        stream.pendingBytes(100 << 10);
        socket().send("a");
        host.loop().run();
        assertThat(stream.text()).isEqualTo(OPENING);
        stream.pendingBytes(0);
        host.loop().run();
        assertThat(stream.text()).endsWith("data: ta\n\n");
    }

    @Test
    @Covers("POLL-8")
    void aPollEndsTheStream() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        MemoryExchange poll = serve("GET", "/?via=long&turn=2", new byte[0], "Duplex-Session", id);
        assertThat(stream.isEnded()).isTrue();
        socket().send("a");
        host.loop().run();
        assertThat(poll.status()).isEqualTo(200);
        assertThat(stream(id, "after=0&turn=1").status()).isEqualTo(409);
    }

    @Test
    @Covers({"FB-8", "SSE-5"})
    void aStreamEndsWithTheSession() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        socket().close(1001, "drain");
        host.loop().run();
        assertThat(stream.text()).endsWith("id: 1\ndata: cA+lkcmFpbg==\n\n");
        assertThat(stream.isEnded()).isFalse();
        host.loop().pass(Duration.ofSeconds(11));
        assertThat(stream.isEnded()).isTrue();
        acknowledge(id, 1);
        assertThat(stream(id, "after=1&turn=2").status()).isEqualTo(404);
    }

    @Test
    void aStreamIsNotHeldForAClientThatHasLeft() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        stream.cut();
        host.loop().pass(Duration.ofSeconds(61));
        assertThat(polling.sessions()).isZero();
    }

    @Test
    void anAbortEndsTheStream() {
        String id = open();
        MemoryExchange stream = stream(id, "after=0&turn=1");
        socket().abort();
        host.loop().run();
        assertThat(stream.isEnded()).isTrue();
    }
}
