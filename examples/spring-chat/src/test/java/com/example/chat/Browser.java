package com.example.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** A Chromium without a window, driven over the Chrome DevTools Protocol. */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String ANNOUNCEMENT = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 180;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path profile;
    private final Process process;
    private final WebSocket devTools;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

    private Browser(String binary) throws IOException {
        profile = Files.createTempDirectory("spring-chat-chromium");
        process = new ProcessBuilder(
                        binary,
                        "--headless",
                        "--no-sandbox", // may run as root, and opens our own pages only
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        devTools = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(devToolsUrl(process)), new Answers())
                .join();
    }

    /** Starts Chromium. Without one the test is skipped, but on the build server it fails. */
    static Browser start() throws IOException {
        for (String name : NAMES) {
            for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
                if (Files.isExecutable(Path.of(directory, name))) {
                    return new Browser(Path.of(directory, name).toString());
                }
            }
        }
        String message = "no Chromium found on the PATH as " + String.join(", ", NAMES);
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            fail(message);
        }
        assumeTrue(false, message);
        throw new AssertionError();
    }

    private static String devToolsUrl(Process process) throws IOException {
        BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.startsWith(ANNOUNCEMENT)) {
                Thread drain = new Thread(() -> log.lines().forEach(ignored -> {}));
                drain.setDaemon(true);
                drain.start();
                return line.substring(ANNOUNCEMENT.length());
            }
        }
        throw new IOException("Chromium ended");
    }

    /** Opens an address in a window of its own. */
    Window open(String url) throws Exception {
        return open(url, "");
    }

    /** Opens an address in a window of its own, from which no WebSocket gets through. */
    Window openWithoutWebSocket(String url) throws Exception {
        return open(
                url, "window.WebSocket = class extends WebSocket { constructor(url) { super(url + '/blocked'); } }");
    }

    private Window open(String url, String script) throws Exception {
        String target = call("Target.createTarget", "", Map.of("url", "about:blank", "newWindow", true))
                .get("targetId")
                .asString();
        String session = call("Target.attachToTarget", "", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asString();
        call("Page.enable", session, Map.of());
        call("Page.addScriptToEvaluateOnNewDocument", session, Map.of("source", script));
        call("Page.navigate", session, Map.of("url", url)); // answers once the new page has begun
        return new Window(session);
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
        devTools.sendText(command.toString(), true).join();
        JsonNode message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message.get("error")).as(method).isNull();
        return message.get("result");
    }

    @Override
    public void close() throws IOException {
        devTools.abort();
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
        Files.walkFileTree(profile, new Eraser());
    }

    /** One window. */
    final class Window {
        private final String session;

        private Window(String session) {
            this.session = session;
        }

        private JsonNode evaluate(String expression) throws Exception {
            JsonNode result = call(
                    "Runtime.evaluate",
                    session,
                    Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
            assertThat(result.get("exceptionDetails")).as(expression).isNull();
            return result.get("result").path("value");
        }

        /** Waits until the page shows a line that begins with {@code text}. */
        void awaitLine(String text) throws Exception {
            String condition = "document.readyState === 'complete' && [...document.querySelectorAll('#message div')]"
                    + ".some((line) => line.textContent.startsWith(" + JSON.writeValueAsString(text) + "))";
            String poll = "new Promise((resolve) => { const end = Date.now() + " + PATIENCE_SECONDS * 500 + ";"
                    + " const look = () => { if (" + condition + ") resolve(true);"
                    + " else if (Date.now() > end) resolve(false); else setTimeout(look, 20); }; look(); })";
            assertThat(evaluate(poll).booleanValue())
                    .as("a line with \"" + text + "\"")
                    .isTrue();
        }

        /** What carries the page's SockJS. */
        String transport() throws Exception {
            return evaluate("socket.transport").asString();
        }

        /** Types a text and clicks on Send. */
        void send(String text) throws Exception {
            evaluate("document.getElementById('text').value = " + JSON.writeValueAsString(text)
                    + "; document.getElementById('send').click()");
        }

        /** Clicks on Close. */
        void clickClose() throws Exception {
            evaluate("document.getElementById('close').click()");
        }
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                JsonNode answer = JSON.readTree(message.toString());
                message.setLength(0);
                if (answer.has("id")) {
                    answers.remove(answer.get("id").intValue()).complete(answer);
                }
            }
            socket.request(1);
            return null;
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
