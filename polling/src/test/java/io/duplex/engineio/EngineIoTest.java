package io.duplex.engineio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.WebSocket;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineIoTest {
    private final MemoryHost host = new MemoryHost();
    private final RecordingHandler handler = new RecordingHandler();
    private final EngineIo engine = EngineIo.of(handshake -> handler);
    private String id;

    @BeforeEach
    void open() {
        engine.start(host);
        MemoryExchange opened = serve("GET", "", "");
        id = opened.text().replaceAll(".*\"sid\":\"([^\"]*)\".*", "$1");
        assertThat(opened.text())
                .isEqualTo(
                        "0{\"sid\":\"" + id
                                + "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
    }

    private MemoryExchange serve(String method, String more, String body, String... fields) {
        MemoryExchange exchange = new MemoryExchange(
                host.loop().shared(),
                method,
                "/engine.io/?EIO=4&transport=polling" + more,
                body.getBytes(UTF_8),
                fields);
        engine.serve(exchange);
        host.loop().run();
        return exchange;
    }

    private MemoryExchange poll() {
        return serve("GET", "&sid=" + id, "");
    }

    private MemoryExchange post(String body) {
        return serve("POST", "&sid=" + id, body);
    }

    private WebSocket socket() {
        return host.sessions().get(0);
    }

    @Test
    @Covers({"EIO-3", "EIO-4", "EIO-6", "EIO-8"})
    void messagesComeAndGo() {
        MemoryExchange held = poll();
        assertThat(held.status()).isZero();
        assertThat(post("4hello\u001ebAQI=").text()).isEqualTo("ok");
        socket().send("one");
        socket().send(ByteBuffer.wrap(new byte[] {1, 2}));
        host.loop().run();

        assertThat(handler.lines()).containsExactly("open", "text hello", "binary 0102");
        assertThat(held.text()).isEqualTo("4one\u001ebAQI=");
    }

    @Test
    @Covers({"EIO-1", "EIO-6"})
    void whatDoesNotFitIsRefused() {
        assertThat(serve("GET", "&sid=none", "").text()).isEqualTo("{\"code\":1,\"message\":\"Session ID unknown\"}");
        assertThat(serve("POST", "", "4x").status()).isEqualTo(400);
        assertThat(serve("DELETE", "&sid=" + id, "").status()).isEqualTo(400);
        MemoryExchange old =
                new MemoryExchange(host.loop().shared(), "GET", "/engine.io/?EIO=3&transport=polling", new byte[0]);
        engine.serve(old);
        assertThat(old.text()).contains("Unsupported protocol version");
    }

    @Test
    @Covers("EIO-7")
    void twoPollsAtATimeEndTheSession() {
        MemoryExchange first = poll();

        assertThat(poll().status()).isEqualTo(400);
        assertThat(first.text()).isEqualTo("1");
        assertThat(engine.sessions()).isZero();
    }

    @Test
    @Covers("EIO-14")
    void whatIsNoPacketEndsTheSession() {
        assertThat(post("7x").status()).isEqualTo(400);
        assertThat(engine.sessions()).isZero();
    }

    @Test
    @Covers("EIO-11")
    void aClientThatDoesNotAnswerAPingIsLost() {
        MemoryExchange held = poll();
        host.loop().pass(Duration.ofSeconds(26));
        assertThat(held.text()).isEqualTo("2");
        assertThat(post("3").text()).isEqualTo("ok");
        poll();
        host.loop().pass(Duration.ofSeconds(26));
        assertThat(engine.sessions()).isEqualTo(1);
        host.loop().pass(Duration.ofSeconds(25));

        assertThat(engine.sessions()).isZero();
        assertThat(handler.lines()).last().asString().startsWith("close 1006");
    }

    @Test
    void theServersCloseIsAPacketWithoutABody() {
        MemoryExchange held = poll();
        socket().close(4126, "end");
        host.loop().run();

        assertThat(held.text()).isEqualTo("1");
        assertThat(engine.sessions()).isZero();
    }

    @Test
    void theClientCloses() {
        assertThat(post("1").text()).isEqualTo("ok");
        assertThat(handler.lines()).last().asString().startsWith("close 1005");
        assertThat(engine.sessions()).isZero();
    }

    @Test
    void aPollThatTheClientHasWhenItClosesEndsWithNothing() {
        MemoryExchange held = poll();

        assertThat(post("1").text()).isEqualTo("ok");
        assertThat(held.text()).isEqualTo("6");
        assertThat(poll().status()).isEqualTo(400);
    }

    @Test
    @Covers("EIO-11")
    void aClientThatNeverPollsIsGoneWhenItsTimeIsOver() {
        host.loop().pass(Duration.ofSeconds(44));
        post("4x");
        host.loop().pass(Duration.ofSeconds(1));

        assertThat(poll().status()).isEqualTo(400);
    }

    @Test
    void aMessageOfPartsGoesWhole() {
        MemoryExchange held = poll();
        socket().sendTextPart(UTF_8.encode("a"), false);
        socket().sendTextPart(UTF_8.encode("b"), true);
        host.loop().run();

        assertThat(held.text()).isEqualTo("4ab");
    }

    @Test
    @Covers("FB-6")
    void aHiddenPageOpensNothing() {
        assertThat(serve("GET", "", "", "Sec-Fetch-Site", "cross-site").status())
                .isEqualTo(403);
        assertThat(serve("POST", "&sid=" + id, "4x", "Origin", "https://evil.example")
                        .status())
                .isEqualTo(403);
        assertThat(handler.lines()).containsExactly("open");
    }

    @Test
    void optionsAreChecked() {
        EngineIo.Builder builder = EngineIo.builder(handshake -> handler);
        assertThatThrownBy(() -> builder.maxPayload(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.pingInterval(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.withoutPolling().withoutWebSocket().build())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> engine.start(host)).hasMessageContaining("mounted already");
    }

    @Test
    void aPostThatIsCutEndsTheSession() {
        poll();
        socket().pause();
        host.loop().run();
        MemoryExchange held = post("4a");
        assertThat(held.status()).isZero();
        held.cut();
        host.loop().run();
        assertThat(handler.lines()).last().asString().startsWith("close 1006");
        assertThat(handler.lines()).doesNotContain("text a");
    }
}
