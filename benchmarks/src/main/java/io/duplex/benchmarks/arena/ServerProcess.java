package io.duplex.benchmarks.arena;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A contestant's process. It ends when it is closed, or when this process does. */
final class ServerProcess implements AutoCloseable {
    private static final String LISTENING = "listening ";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Pattern USED = Pattern.compile("heap\\s+total.*?used (\\d+)K", Pattern.DOTALL);

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it; it listens when this returns.
     *
     * @param cpu the one CPU it runs on; {@code null} for any
     * @param log takes what it says on standard error
     * @throws IOException if it does not listen
     */
    static ServerProcess start(Contestant contestant, boolean tls, @Nullable Integer cpu, Path log) throws IOException {
        List<String> arguments = new ArrayList<>(contestant.arguments());
        arguments.add("--attached");
        if (tls) {
            arguments.add("--tls");
        }
        Process process = new ProcessBuilder(Command.java(cpu, contestant.main(), arguments))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        // Ends the wait below if the server hangs.
        CompletableFuture<Void> watchdog = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(START.toSeconds(), TimeUnit.SECONDS));
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line; (line = said.readLine()) != null; ) {
            if (line.startsWith(LISTENING)) {
                watchdog.cancel(false);
                Thread drain = new Thread(() -> drain(said), "output of " + contestant.id());
                drain.setDaemon(true);
                drain.start();
                return new ServerProcess(process, Integer.parseInt(line.substring(LISTENING.length())));
            }
        }
        process.destroyForcibly();
        throw new IOException(contestant.id() + " does not listen; see " + log);
    }

    private static void drain(BufferedReader said) {
        try {
            while (said.readLine() != null) {
                // a server must not block on what nobody reads
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    long pid() {
        return process.pid();
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** CPU time it has used. */
    Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** What is live in its Java heap, in bytes, after full collections; {@code null} if its JVM does not say. */
    @Nullable Long liveHeapBytes() {
        jcmd("GC.run");
        jcmd("GC.run");
        String info = jcmd("GC.heap_info");
        Matcher used = USED.matcher(info == null ? "" : info);
        return used.find() ? Long.parseLong(used.group(1)) << 10 : null;
    }

    private @Nullable String jcmd(String request) {
        return Command.output(Path.of(""), Command.tool("jcmd"), String.valueOf(pid()), request);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
