package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real Chromium without a window, driven over the Chrome DevTools Protocol by our own client: that Chromium's own WebSocket
 * server gets on with it is half of what the tests show.
 */
final class Chromium implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String ANNOUNCEMENT = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 180;
    private static final int MAX_MESSAGE_BYTES = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path profile;
    private final Process process;
    private final WebSocketClient client;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

    private Chromium(String binary, String... more) throws IOException {
        profile = Files.createTempDirectory("duplex-chromium");
        List<String> command = new ArrayList<>(List.of(
                binary,
                "--headless",
                "--no-sandbox", // may run as root, and opens our own page only
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
        command.addAll(List.of(more));
        command.add("about:blank");
        process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        client = WebSocketClient.builder()
                .limits(Limits.builder().maxMessageBytes(MAX_MESSAGE_BYTES).build())
                .build();
        socket = client.connect(devToolsUrl(process), new Answers());
    }

    /** Starts Chromium, with more options. Without one the test is skipped, but on the build server it fails. */
    static Chromium start(String... more) throws IOException {
        for (String name : NAMES) {
            for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
                if (Files.isExecutable(Path.of(directory, name))) {
                    return new Chromium(Path.of(directory, name).toString(), more);
                }
            }
        }
        String message =
                "no Chromium found on the PATH as " + String.join(", ", NAMES) + "; install one to run this test";
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            fail(message);
        }
        assumeTrue(false, message);
        throw new AssertionError();
    }

    private static String devToolsUrl(Process process) throws IOException {
        BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        StringBuilder seen = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.startsWith(ANNOUNCEMENT)) {
                Thread drain = new Thread(() -> log.lines().forEach(ignored -> {}));
                drain.setDaemon(true);
                drain.start();
                return line.substring(ANNOUNCEMENT.length());
            }
            seen.append(line).append('\n');
        }
        throw new IOException("Chromium ended: " + seen);
    }

    /** Opens an address in a page of its own. */
    Page open(String url) throws Exception {
        String target = call("Target.createTarget", "", Map.of("url", "about:blank"))
                .get("targetId")
                .textValue();
        Page page = new Page(call("Target.attachToTarget", "", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .textValue());
        page.call("Runtime.enable", Map.of());
        page.call("Log.enable", Map.of());
        page.call("Page.enable", Map.of());
        page.call("Page.navigate", Map.of("url", url));
        page.await("location.href !== 'about:blank' && document.readyState === 'complete'");
        return page;
    }

    /** What pages have complained of so far: exceptions, content that the policy blocked, failed requests. */
    Queue<String> complaints() {
        return complaints;
    }

    private JsonNode call(String method, String session, Map<String, ?> parameters) throws Exception {
        int id = commands.incrementAndGet();
        ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
        command.set("params", JSON.valueToTree(parameters));
        if (!session.isEmpty()) {
            command.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.send(command.toString());
        JsonNode message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message.get("error")).as(method).isNull();
        return message.get("result");
    }

    @Override
    public void close() throws IOException {
        client.close();
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
        Files.walkFileTree(profile, new Eraser());
    }

    /** One page. */
    final class Page {
        private final String session;

        private Page(String session) {
            this.session = session;
        }

        /** The value of a JavaScript expression, awaited if it is a promise. */
        JsonNode evaluate(String expression) throws Exception {
            JsonNode result = call(
                    "Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
            assertThat(result.get("exceptionDetails")).as(expression).isNull();
            return result.get("result").path("value");
        }

        /** Waits until a JavaScript condition holds. */
        void await(String condition) throws Exception {
            String poll = "new Promise((resolve) => { const end = Date.now() + " + PATIENCE_SECONDS * 500 + ";"
                    + " const look = () => { if (" + condition + ") resolve(true);"
                    + " else if (Date.now() > end) resolve(false); else setTimeout(look, 20); }; look(); })";
            assertThat(evaluate(poll).booleanValue()).as(condition).isTrue();
        }

        /** The text of the element with this id. */
        String text(String id) throws Exception {
            return evaluate("document.getElementById('" + id + "').textContent").textValue();
        }

        /** Puts a value into a field, as if it had been typed. */
        void fill(String id, String value) throws Exception {
            evaluate(
                    "(() => { const field = document.getElementById('" + id + "'); field.value = "
                            + JSON.writeValueAsString(value)
                            + "; for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, {bubbles: true})); })()");
        }

        /** Clicks on the element with this id. */
        void click(String id) throws Exception {
            evaluate("document.getElementById('" + id + "').click()");
        }

        private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
            return Chromium.this.call(method, session, parameters);
        }
    }

    /** Takes what Chromium sends. */
    private final class Answers implements WebSocketHandler {
        @Override
        public void onText(WebSocket from, String text) {
            JsonNode message;
            try {
                message = JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (message.has("id")) {
                answers.remove(message.get("id").intValue()).complete(message);
            } else {
                switch (message.path("method").asText()) {
                    case "Runtime.exceptionThrown", "Log.entryAdded" -> complaints.add(text);
                    default -> {}
                }
            }
        }

        @Override
        public void onClose(WebSocket from, CloseOutcome outcome) {
            answers.values().forEach(answer -> answer.completeExceptionally(new IOException(outcome.toString())));
        }
    }

    /** Deletes a folder in which processes that are about to end may still come and go with files. */
    private static final class Eraser extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            file.toFile().delete();
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path gone, IOException why) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException why) {
            folder.toFile().delete();
            return FileVisitResult.CONTINUE;
        }
    }
}
