package io.duplex.sockjs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.handshake.OriginPolicy;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What caches and pages of other origins are told. */
class AnswersTest {
    private static final String ORIGIN = "https://a.example";
    private static final String NEVER = "no-store, no-cache, no-transform, must-revalidate, max-age=0";

    private final MemoryHost host = new MemoryHost().origins(OriginPolicy.any());
    private final SockJs service = SockJs.builder("/echo", handshake -> new RecordingHandler())
            .withScripts()
            .build();

    @BeforeEach
    void start() {
        service.start(host);
    }

    private MemoryExchange serve(String method, String path, String body, String... fields) {
        return serve(service, method, path, body, fields);
    }

    private MemoryExchange serve(SockJs served, String method, String path, String body, String... fields) {
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), method, "/echo" + path, body.getBytes(UTF_8), fields);
        served.serve(exchange);
        host.loop().run();
        return exchange;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/info", "/000/s/xhr", "/000/s/xhr_streaming", "/000/s/xhr_send"})
    @Covers({"SJ-CORS-1", "SJ-CORS-3"})
    void aPreflightMayBeRememberedForLong(String path) {
        MemoryExchange asked = serve("OPTIONS", path, "", "Origin", ORIGIN, "Access-Control-Request-Headers", "a, b");
        MemoryExchange plain = serve("OPTIONS", path, "", "Origin", ORIGIN, "Access-Control-Request-Headers", "");

        assertThat(asked.status()).isEqualTo(204);
        assertThat(asked.text()).isEmpty();
        assertThat(asked.field("Cache-Control")).isEqualTo("public, max-age=31536000");
        assertThat(asked.field("Access-Control-Max-Age")).isEqualTo("31536000");
        assertThat(asked.field("Access-Control-Allow-Methods"))
                .isEqualTo(path.equals("/info") ? "OPTIONS, GET" : "OPTIONS, POST");
        assertThat(ZonedDateTime.parse(asked.field("Expires"), DateTimeFormatter.RFC_1123_DATE_TIME))
                .isAfter(ZonedDateTime.now(ZoneOffset.UTC).plusDays(300));
        assertThat(asked.field("Access-Control-Allow-Headers")).isEqualTo("a, b");
        assertThat(plain.field("Access-Control-Allow-Headers")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/info", "/000/s/xhr_streaming"})
    @Covers("SJ-CORS-2")
    void theOriginIsEchoedAndWithoutOneCredentialsAreNotGranted(String path) {
        String method = path.equals("/info") ? "GET" : "POST";
        for (String origin : new String[] {ORIGIN, "null"}) {
            MemoryExchange answer = serve(method, path, "", "Origin", origin);
            assertThat(answer.field("Access-Control-Allow-Origin")).isEqualTo(origin);
            assertThat(answer.field("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(answer.field("Vary")).isEqualTo("Origin");
        }
        MemoryExchange answer = serve(method, path, "");
        assertThat(answer.field("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.field("Access-Control-Allow-Credentials")).isNull();
    }

    @Test
    @Covers("SJ-CORS-4")
    void anOriginThatIsNotOnTheListGetsNoSession() {
        SockJs guarded = SockJs.at("/echo", handshake -> new RecordingHandler());
        MemoryHost strict = new MemoryHost().origins(OriginPolicy.allow(List.of(ORIGIN)));
        guarded.start(strict);
        MemoryExchange refused = new MemoryExchange(
                strict.loop().shared(), "POST", "/echo/0/s/xhr", new byte[0], "Origin", "https://evil.example");
        MemoryExchange taken =
                new MemoryExchange(strict.loop().shared(), "POST", "/echo/0/t/xhr", new byte[0], "Origin", ORIGIN);
        guarded.serve(refused);
        guarded.serve(taken);
        strict.loop().run();

        assertThat(refused.status()).isEqualTo(403);
        assertThat(taken.text()).isEqualTo("o\n");
        assertThat(guarded.sessions()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /info", "POST /000/s/xhr", "POST /000/s/xhr_streaming", "GET /000/s/eventsource"})
    @Covers("SJ-CACHE-1")
    void whatChangesIsNeverStored(String request) {
        int space = request.indexOf(' ');
        MemoryExchange answer = serve(request.substring(0, space), request.substring(space + 1), "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("Cache-Control")).isEqualTo(NEVER);
        assertThat(answer.field("Expires")).isNull();
        assertThat(answer.field("Last-Modified")).isNull();
        assertThat(answer.field("Set-Cookie")).isNull();
    }

    @Test
    @Covers("SJ-INFO-3")
    void whereThereIsNoWebSocketClientsAreToldSo() {
        SockJs without = SockJs.builder("/echo", handshake -> new RecordingHandler())
                .withoutWebSocket()
                .build();
        without.start(host);

        assertThat(serve(without, "GET", "/info", "").text()).startsWith("{\"websocket\":false,");
    }

    @Test
    @Covers("SJ-JSONP-2")
    void aFormSendsAsAScriptCannot() {
        serve("GET", "/000/s/jsonp?c=f", "");
        String form = "application/x-www-form-urlencoded";
        MemoryExchange sent = serve("POST", "/000/s/jsonp_send", "d=%5B%22x%22%5D", "Content-Type", form);

        assertThat(sent.status()).isEqualTo(200);
        assertThat(sent.text()).isEqualTo("ok");
        assertThat(serve("POST", "/000/s/jsonp_send", "[\"y\"]").text()).isEqualTo("ok");
        assertThat(serve("POST", "/000/s/jsonp_send", "d=", "Content-Type", form)
                        .text())
                .isEqualTo("Payload expected.");
        assertThat(serve("POST", "/000/s/jsonp_send", "[\"x").text()).isEqualTo("Broken JSON encoding.");
        assertThat(serve("POST", "/000/none/jsonp_send", "[]").status()).isEqualTo(404);
    }
}
