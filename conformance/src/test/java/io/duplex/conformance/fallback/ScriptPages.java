package io.duplex.conformance.fallback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.conformance.interop.NodeScripts;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.handshake.HeaderFields;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pages below {@code /page/} in which our scripts for Node run in a browser: what they use of Node is imitated, and what they
 * import of npm is there. Thread-safe.
 */
final class ScriptPages implements HttpService {
    static final String PATH = "/page/";

    private static final String HTML = """
            <!doctype html>
            <meta charset="utf-8">
            <title>%1$s</title>
            <link rel="icon" href="data:,">
            <script type="importmap">{"imports": {
              "node:assert/strict": "/page/browser-assert.js",
              "node:events": "/page/browser-events.js",
              "sockjs-client": "/page/browser-sockjs.js",
              "socket.io-client": "/page/browser-socketio.js"
            }}</script>
            <script src="/page/sockjs.min.js"></script>
            <script src="/page/socket.io.min.js"></script>
            <script>const run = %2$s;</script>
            <script src="/page/browser-host.js"></script>
            <script type="module" src="/page/%1$s"></script>
            """;

    /**
     * A script in its page.
     *
     * @param told what it printed, once it has ended; fails if it has
     */
    private record Run(String script, List<String> arguments, CompletableFuture<String> told) {}

    private final Path packages;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();

    ScriptPages() throws IOException {
        packages = NodeScripts.packages().resolve("node_modules");
    }

    /**
     * Runs a script to its end, in a page of the server that this service is mounted on.
     *
     * @return what it printed
     */
    String run(Chromium chromium, int port, String script, List<String> arguments) throws Exception {
        String id = Integer.toString(runs.size());
        Run run = new Run(script, arguments, new CompletableFuture<>());
        runs.put(id, run);
        chromium.open("http://127.0.0.1:" + port + PATH + id);
        return run.told().get(3, TimeUnit.MINUTES);
    }

    @Override
    public void serve(HttpExchange exchange) {
        String name = exchange.head().path().substring(PATH.length());
        Run run = runs.get(name);
        if (run == null) {
            answer(exchange, 200, "text/javascript", file(name));
        } else if (exchange.head().method().equals("POST")) {
            String told = UTF_8.decode(exchange.body()).toString();
            if (told.startsWith("0\n")) {
                run.told().complete(told);
            } else {
                run.told()
                        .completeExceptionally(new AssertionError(run.script() + " " + run.arguments() + ": " + told));
            }
            answer(exchange, 204, "text/plain", new byte[0]);
        } else {
            String json = JsonMapper.shared()
                    .writeValueAsString(Map.of("script", run.script(), "arguments", run.arguments()));
            String html = HTML.formatted(run.script(), json);
            answer(exchange, 200, "text/html", html.getBytes(UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) {
        HeaderFields fields = HeaderFields.builder()
                .add("Content-Type", type + "; charset=utf-8")
                .build();
        exchange.respond(status, fields, ByteBuffer.wrap(body));
    }

    private byte[] file(String name) {
        try {
            if (name.equals("socket.io.min.js")) {
                return Files.readAllBytes(
                        packages.resolve("socket.io-client/dist").resolve(name));
            }
            if (name.equals("sockjs.min.js")) {
                return Files.readAllBytes(packages.resolve("sockjs-client/dist").resolve(name));
            }
            if (name.startsWith("duplex-client/")) {
                return Files.readAllBytes(Path.of("../packages").resolve(name.replace("/", "/src/")));
            }
            try (InputStream ours = ScriptPages.class.getResourceAsStream(name)) {
                return Objects.requireNonNull(ours, name).readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
