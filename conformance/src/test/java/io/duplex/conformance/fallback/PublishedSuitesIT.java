package io.duplex.conformance.fallback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.conformance.interop.NodeScripts;
import io.duplex.engineio.EngineIo;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import io.duplex.server.WebSocketServer;
import io.duplex.socketio.Event;
import io.duplex.socketio.SocketIo;
import io.duplex.socketio.SocketIoSocket;
import io.duplex.sockjs.SockJs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The suites that the protocols of others have published, of whose repositories the property {@code duplex.suites} names the
 * folder: {@code conformance/socketio-suites} runs it. The servers have one event loop, so that they see what a client does over
 * several connections in the order in which it does it, as the suites expect; and no compression, for which the client of Node
 * takes its time before a message leaves.
 */
@EnabledIfSystemProperty(named = "duplex.suites", matches = ".+")
@Timeout(360)
class PublishedSuitesIT {
    private static final Path OURS = Path.of("suites");
    private static final Path RESULTS = Path.of("target", "suites");
    private static final String PASSED = "passed";
    private static final List<String> PACKAGES =
            List.of("mocha@9.2.2", "chai@4.3.10", "chai-string@1.5.0", "node-fetch@3.3.2", "ws@8.18.3");

    /** As the suites have it. */
    private static final String THEIR_URL = "http://localhost:3000";

    private static final Duration PING_INTERVAL = Duration.ofMillis(300);
    private static final Duration PING_TIMEOUT = Duration.ofMillis(200);
    /** More than three Pings take, which the suite awaits without connecting, and less than it has patience. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(1700);

    private static final int STREAM_BYTES = 4096;

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    private static final class Closing implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.close(3000, "Go away!");
        }
    }

    private static EngineIo engine(Function<Handshake, WebSocketHandler> handlers) {
        return EngineIo.builder(handlers)
                .pingInterval(PING_INTERVAL)
                .pingTimeout(PING_TIMEOUT)
                .build();
    }

    private static WebSocketServer.Builder server() {
        return WebSocketServer.builder()
                .port(0)
                .threads(1)
                .compression(PermessageDeflate.DISABLED)
                .origins(OriginPolicy.any());
    }

    @Test
    void engineIo() throws Exception {
        Path suite = suite("engine.io-protocol/test-suite");
        try (WebSocketServer server = server().service("/engine.io/**", engine(handshake -> new Echo()))
                .start()) {
            judge("engineio", mocha("engineio", suite, server.port()));
        }
    }

    @Test
    void socketIo() throws Exception {
        Path suite = suite("socket.io-protocol/test-suite");
        SocketIo io = SocketIo.builder()
                .namespace("/", PublishedSuitesIT::connected)
                .namespace("/custom", PublishedSuitesIT::connected)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        try (WebSocketServer server =
                server().service("/socket.io/**", engine(io)).start()) {
            judge("socketio", mocha("socketio", suite, server.port()));
        }
    }

    private static void connected(SocketIoSocket socket) {
        JsonNode auth = socket.auth();
        socket.emit("auth", auth == null ? Map.of() : auth);
        socket.on("message", event -> socket.emit("message-back", arguments(event)));
        socket.on("message-with-ack", event -> event.acknowledge(arguments(event)));
    }

    private static Object[] arguments(Event event) {
        return IntStream.range(0, event.size()).mapToObj(event::argument).toArray();
    }

    @Test
    void sockJs() throws Exception {
        Path suite = suite("sockjs-protocol");
        try (WebSocketServer server = server().service(
                        "/echo/**", sockJs("/echo", handshake -> new Echo()).build())
                .service(
                        "/close/**",
                        sockJs("/close", handshake -> new Closing()).build())
                .service(
                        "/disabled_websocket_echo/**",
                        sockJs("/disabled_websocket_echo", handshake -> new Echo())
                                .withoutWebSocket()
                                .build())
                .service(
                        "/cookie_needed_echo/**",
                        sockJs("/cookie_needed_echo", handshake -> new Echo())
                                .withStickyCookie()
                                .build())
                .start()) {
            judge("sockjs", python(suite, server.port()));
        }
    }

    private static SockJs.Builder sockJs(String base, Function<Handshake, WebSocketHandler> handlers) {
        return SockJs.builder(base, handlers).maxStreamBytes(STREAM_BYTES).withScripts();
    }

    // Running

    private static Path suite(String folder) {
        Path suite = Path.of(System.getProperty("duplex.suites"), folder);
        assumeTrue(Files.isDirectory(suite), "no " + suite);
        return suite;
    }

    /** Runs a copy of a suite, which knows the server's address: test and {@link #PASSED}, or what was wrong. */
    private static Map<String, String> mocha(String name, Path suite, int port) throws Exception {
        Path packages = NodeScripts.packages(RESULTS.resolve("node"), PACKAGES);
        Path folder = Files.createDirectories(packages.resolve(name));
        String script = Files.readString(suite.resolve("test-suite.js"));
        assertThat(script).contains(THEIR_URL);
        Files.writeString(folder.resolve("test-suite.js"), script.replace(THEIR_URL, "http://127.0.0.1:" + port));
        Files.writeString(folder.resolve("node-imports.js"), Files.readString(OURS.resolve("node-imports.js")));
        Files.writeString(folder.resolve("package.json"), "{\"type\": \"module\"}");

        String output = run(List.of(
                "node",
                packages.resolve("node_modules/mocha/bin/mocha").toString(),
                "--reporter=json",
                "--exit",
                folder.resolve("test-suite.js").toString()));
        Map<String, String> results = new LinkedHashMap<>();
        for (JsonNode test : JsonMapper.shared()
                .readTree(output.substring(output.indexOf('{')))
                .path("tests")) {
            String fault = test.path("err").path("message").asString("");
            results.put(test.path("fullTitle").asString(), fault.isEmpty() ? PASSED : fault.replaceAll("\\s+", " "));
        }
        return results;
    }

    private static Map<String, String> python(Path suite, int port) throws Exception {
        String python = System.getProperty("duplex.suites.python", "");
        assumeTrue(!python.isEmpty(), "no Python 2");
        List<String> command =
                List.of(python, OURS.resolve("sockjs.py").toString(), suite.toString(), "http://127.0.0.1:" + port);
        Map<String, String> results = new LinkedHashMap<>();
        for (String line : run(command).lines().toList()) {
            String[] parts = line.split("\t", 3);
            if (parts.length == 3 && parts[0].equals("RESULT")) {
                results.put(parts[1], parts[2]);
            }
        }
        return results;
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.onExit().orTimeout(4, TimeUnit.MINUTES).whenComplete((end, fault) -> process.destroyForcibly());
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return output;
    }

    // Judging

    private static void judge(String name, Map<String, String> results) throws IOException {
        Map<String, String> failed = new TreeMap<>(results);
        failed.values().removeIf(PASSED::equals);
        Map<String, String> known = baseline(name);
        StringBuilder report = new StringBuilder();
        failed.forEach((test, fault) -> report.append(known.containsKey(test) ? "known: " : "FAILED: ")
                .append(test)
                .append(": ")
                .append(known.getOrDefault(test, fault))
                .append('\n'));
        long knownFailures = failed.keySet().stream().filter(known::containsKey).count();
        report.append(name)
                .append(": ")
                .append(results.size() - failed.size())
                .append(" passed, ")
                .append(failed.size())
                .append(" failed (")
                .append(knownFailures)
                .append(" as the baseline says)\n");
        Files.createDirectories(RESULTS);
        Files.writeString(RESULTS.resolve(name + ".txt"), report);

        assertThat(results).isNotEmpty();
        assertThat(failed.keySet()).as(report.toString()).containsExactlyInAnyOrderElementsOf(known.keySet());
    }

    /** Test and reason. */
    private static Map<String, String> baseline(String name) throws IOException {
        Map<String, String> baseline = new TreeMap<>();
        for (String line : Files.readAllLines(OURS.resolve("baseline-" + name + ".txt"))) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] parts = line.split(" \\| ", 2);
                assertThat(parts).as(line).hasSize(2);
                baseline.put(parts[0], parts[1]);
            }
        }
        return baseline;
    }
}
