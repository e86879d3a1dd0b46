package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The command as its users run it: the one jar, in a JVM of its own, over pipes. */
final class DuplexProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;
    private static final String END = "\0";
    private static final Pattern LISTENING = Pattern.compile("listening on (wss?://127\\.0\\.0\\.1:\\d+) \\(.*\\)");

    private final Process process;
    private final BufferedWriter stdin;
    private final BlockingQueue<String> stdout;
    private final BlockingQueue<String> stderr;

    private DuplexProcess(Process process) {
        this.process = process;
        this.stdin = process.outputWriter(StandardCharsets.UTF_8);
        this.stdout = lines(process.getInputStream());
        this.stderr = lines(process.getErrorStream());
    }

    /** Starts {@code duplex} with these arguments. */
    static DuplexProcess start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", Path.of("target", "duplex.jar").toString()));
        command.addAll(List.of(arguments));
        return start(new ProcessBuilder(command));
    }

    /** Starts it in another way. */
    static DuplexProcess start(ProcessBuilder command) throws IOException {
        return new DuplexProcess(command.start());
    }

    private static BlockingQueue<String> lines(InputStream in) {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                text.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                // the process is gone
            }
            lines.add(END);
        });
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    /** Waits for the line that says where the server listens; returns the address it names with {@code path}. */
    URI listening(String path) throws InterruptedException {
        String line = line();
        Matcher listening = LISTENING.matcher(line == null ? "" : line);
        assertThat(listening.matches())
                .as("first line '%s', stderr %s", line, stderr)
                .isTrue();
        return URI.create(listening.group(1) + path);
    }

    /** The next line of standard output; {@code null} at its end. */
    @Nullable String line() throws InterruptedException {
        return next(stdout);
    }

    /** The next line of standard error; {@code null} at its end. */
    @Nullable String errorLine() throws InterruptedException {
        return next(stderr);
    }

    private static @Nullable String next(BlockingQueue<String> lines) throws InterruptedException {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(line).as("a line within %s s", PATIENCE_SECONDS).isNotNull();
        return END.equals(line) ? null : line;
    }

    /** Standard output until its end. */
    List<String> remainingLines() throws InterruptedException {
        return remaining(stdout);
    }

    /** Standard error until its end. */
    List<String> remainingErrorLines() throws InterruptedException {
        return remaining(stderr);
    }

    private static List<String> remaining(BlockingQueue<String> lines) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (String line = next(lines); line != null; line = next(lines)) {
            all.add(line);
        }
        return all;
    }

    /** Writes a line to standard input. */
    void type(String line) throws IOException {
        stdin.write(line);
        stdin.newLine();
        stdin.flush();
    }

    /** Ends standard input. */
    void endInput() throws IOException {
        stdin.close();
    }

    /** Asks it to end, with SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Ends it without asking, with SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits for its end; returns the exit status. */
    int exitStatus() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("ends within %s s", PATIENCE_SECONDS)
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
