package io.duplex.conformance.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A real Chromium without a window. How its pages fare they tell themselves. Thread-safe. */
final class Chromium implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String ANNOUNCEMENT = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 60;

    private final Path profile;
    private final Process process;
    private final URI tabs;

    private Chromium(String binary) throws IOException {
        profile = Files.createTempDirectory("duplex-chromium");
        process = new ProcessBuilder(
                        binary,
                        "--headless",
                        "--no-sandbox", // may run as root, and opens our own pages only
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-background-timer-throttling",
                        "--disable-renderer-backgrounding",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        CompletableFuture<URI> devTools = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, devTools), "chromium-log");
        reader.setDaemon(true);
        reader.start();
        try {
            URI address = devTools.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            tabs = URI.create("http://" + address.getAuthority() + "/json/new");
        } catch (ExecutionException | TimeoutException fault) {
            close();
            throw new IOException("Chromium did not start", fault);
        } catch (InterruptedException fault) {
            close();
            Thread.currentThread().interrupt();
            throw new IOException(fault);
        }
    }

    /** Starts Chromium. Without one the test is skipped, but on the build server it fails. */
    static Chromium start() throws IOException {
        for (String name : NAMES) {
            for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
                if (Files.isExecutable(Path.of(directory, name))) {
                    return new Chromium(Path.of(directory, name).toString());
                }
            }
        }
        String message =
                "no Chromium found on the PATH as " + String.join(", ", NAMES) + "; install one to run this test";
        return System.getenv("CI") == null ? abort(message) : fail(message);
    }

    private static void read(Process process, CompletableFuture<URI> devTools) {
        StringBuilder seen = new StringBuilder();
        process.errorReader().lines().forEach(line -> {
            if (line.startsWith(ANNOUNCEMENT)) {
                devTools.complete(URI.create(line.substring(ANNOUNCEMENT.length())));
            } else if (!devTools.isDone()) {
                seen.append(line).append('\n');
            }
        });
        devTools.completeExceptionally(new IOException("it ended: " + seen));
    }

    /** Opens an address in a tab of its own. */
    void open(String url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(tabs + "?" + url))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
        Files.walkFileTree(profile, new Deletion());
    }

    /** Its children may still write and delete. */
    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            file.toFile().delete();
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException fault) {
            directory.toFile().delete();
            return FileVisitResult.CONTINUE;
        }
    }
}
