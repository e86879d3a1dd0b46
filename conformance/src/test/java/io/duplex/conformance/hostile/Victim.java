package io.duplex.conformance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code duplex serve --faults} with little memory, in a process of its own. Thread-safe once started. */
final class Victim implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;
    private static final Pattern LISTENING = Pattern.compile("listening on ws://127\\.0\\.0\\.1:(\\d+) .*");
    private static final List<String> LITTLE_MEMORY =
            List.of("-Xmx256m", "-XX:MaxDirectMemorySize=128m", "-XX:+ExitOnOutOfMemoryError");

    private final Process process;
    private final Path errors;
    private final int port;

    private Victim(Process process, Path errors, int port) {
        this.process = process;
        this.errors = errors;
        this.port = port;
    }

    /** Starts it on a free port; it listens when this returns. */
    static Victim start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /**
     * Starts it.
     *
     * @param before what stands before the command of the JVM, such as one that sets limits
     */
    static Victim start(List<String> before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LITTLE_MEMORY);
        command.addAll(List.of("-jar", Path.of("../cli/target/duplex.jar").toString(), "serve", "--port", "0"));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("victim", ".log");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String line = process.inputReader().readLine();
        Matcher listening = LISTENING.matcher(String.valueOf(line));
        if (!listening.matches()) {
            process.destroyForcibly();
            throw new IOException(
                    "'" + line + "' is not the first line of a server that listens: " + Files.readString(errors));
        }
        return new Victim(process, errors, Integer.parseInt(listening.group(1)));
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What it has logged. */
    String log() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It lives, takes a new connection and echoes. */
    void mustEcho() throws IOException {
        assertThat(process.isAlive()).as("it lives; its log: %s", log()).isTrue();
        try (Attacker friend = Attacker.open(port, "/echo")) {
            friend.send(Attacker.frame(Attacker.FIN | Attacker.TEXT, "still there?".getBytes(StandardCharsets.UTF_8)));
            assertThat(new String(friend.read(2 + 12), StandardCharsets.ISO_8859_1))
                    .endsWith("still there?");
        }
    }

    /** What of it is in memory, in bytes. */
    long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("no VmRSS");
    }

    /** Sends a signal, by its name. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Has its garbage collected. */
    void collectGarbage() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        new ProcessBuilder(jcmd.toString(), String.valueOf(pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Waits for its end; returns the exit status. */
    int exitStatus() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("ends within %s s", PATIENCE_SECONDS)
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(errors);
    }
}
