package io.duplex.conformance.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.engineio.EngineIo;
import io.duplex.handshake.OriginPolicy;
import io.duplex.server.WebSocketServer;
import io.duplex.sockjs.SockJs;
import io.duplex.testkit.Covers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packages of npm, and our own client, in a browser: what they do in Node, over what a browser has. */
@Timeout(360)
class ClientsInChromiumIT {
    private static Chromium chromium;

    private final ScriptPages pages;

    ClientsInChromiumIT() throws Exception {
        pages = new ScriptPages();
    }

    @BeforeAll
    static void start() throws Exception {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
    }

    private WebSocketServer.Builder server() {
        return WebSocketServer.builder().port(0).service(ScriptPages.PATH + "**", pages);
    }

    private static String url(WebSocketServer server, String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    @ParameterizedTest
    @CsvSource({"polling, polling", "websocket, websocket", "polling+websocket, websocket"})
    @Covers({"EIO-1", "EIO-3", "EIO-9", "EIO-12", "EIO-13"})
    void socketIoClientTalksToUs(String transports, String endsWith) throws Exception {
        try (WebSocketServer server = server().service("/socket.io/**", EngineIo.of(SocketIoClientIT.service()))
                .start()) {
            assertThat(pages.run(chromium, server.port(), "socketio.mjs", List.of(url(server, ""), transports)))
                    .contains("ends with " + endsWith);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling", "eventsource"})
    @Covers({"SJ-FRM-2", "SJ-XHR-2", "SJ-ES-1", "SJ-WS-1"})
    void sockJsClientTalksToUs(String transport) throws Exception {
        try (WebSocketServer server =
                server().service("/echo/**", SockJsClientIT.service()).start()) {
            assertThat(pages.run(chromium, server.port(), "sockjs.mjs", List.of(url(server, "/echo"), transport)))
                    .contains("all is well");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling"})
    @Covers({"SJ-CORS-1", "SJ-CORS-2"})
    void sockJsClientComesFromAnOriginThatIsAllowed(String transport) throws Exception {
        assertThat(fromElsewhere(transport, true)).contains("all is well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling"})
    @Covers("SJ-CORS-4")
    void sockJsClientDoesNotComeFromAnyOther(String transport) throws Exception {
        assertThat(fromElsewhere(transport, false, "refused")).contains("all is well");
    }

    private String fromElsewhere(String transport, boolean allowed, String... more) throws Exception {
        SockJs service = SockJsClientIT.service();
        Counted counted = new Counted(service, new AtomicInteger());
        try (WebSocketServer elsewhere = server().start();
                WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .allowedOrigins(allowed ? url(elsewhere, "") : "https://friend.example")
                        .service("/echo/**", counted)
                        .start()) {
            List<String> arguments = new ArrayList<>(List.of(url(server, "/echo"), transport));
            arguments.addAll(List.of(more));
            String told = pages.run(chromium, elsewhere.port(), "sockjs.mjs", arguments);
            assertThat(counted.asked().get()).isPositive();
            assertThat(allowed || service.sessions() == 0).isTrue();
            return told;
        }
    }

    /** Counts requests for sessions, and what is sent in them. */
    private record Counted(SockJs service, AtomicInteger asked) implements HttpService {
        @Override
        public void start(ServiceHost host) {
            service.start(host);
        }

        @Override
        public void serve(HttpExchange exchange) {
            if (exchange.head().method().equals("POST")) {
                asked.incrementAndGet();
            }
            service.serve(exchange);
        }

        @Override
        public @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
            asked.incrementAndGet();
            return service.upgrade(request);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "long", "sse", "websocket+long", "websocket+sse+long+poll"})
    void duplexClientKeepsWhatItPromises(String carriers) throws Exception {
        try (WebSocketServer server = DuplexClientIT.serve(server())) {
            assertThat(pages.run(chromium, server.port(), "duplex-client.mjs", arguments(server, carriers)))
                    .contains("all is well");
        }
    }

    @Test
    void duplexClientGetsOnInBadNetworks() throws Exception {
        try (WebSocketServer server = server().start()) {
            List<String> arguments = List.of("/page/duplex-client/index.js");
            assertThat(pages.run(chromium, server.port(), "duplex-client-networks.mjs", arguments))
                    .contains("all is well");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "long", "sse", "websocket+sse+long"})
    void duplexClientLosesNothingWhenConnectionsAreCut(String carriers) throws Exception {
        // The proxy is another origin.
        try (WebSocketServer server = DuplexClientIT.serve(server().origins(OriginPolicy.any()));
                CuttingProxy proxy = new CuttingProxy(server.port(), 1)) {
            List<String> arguments = arguments(server, carriers, "ws://127.0.0.1:" + proxy.port() + "/chat");
            assertThat(pages.run(chromium, server.port(), "duplex-client.mjs", arguments))
                    .contains("all is well");
            assertThat(proxy.cuts()).isPositive();
        }
    }

    private static List<String> arguments(WebSocketServer server, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("/page/duplex-client/index.js", "ws://127.0.0.1:" + server.port() + "/chat"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @Test
    void aScriptThatFailsIsToldOf() throws Exception {
        try (WebSocketServer server = server().start()) {
            assertThat(catchThrowable(() -> pages.run(
                            chromium, server.port(), "sockjs.mjs", List.of(url(server, "/none"), "websocket"))))
                    .hasMessageContaining("closed");
        }
    }
}
