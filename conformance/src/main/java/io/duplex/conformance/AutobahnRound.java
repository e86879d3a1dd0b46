package io.duplex.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** One process of the Autobahn suite and what it has said so far. Confined to one thread at a time. */
final class AutobahnRound implements AutoCloseable {
    private static final long LOOK_AGAIN_MILLIS = 200;
    /** The longest case of the suite takes half of it on a busy machine. */
    private static final Duration STALLED = Duration.ofSeconds(200);

    private final Process process;
    private final Path log;

    private AutobahnRound(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts the suite.
     *
     * @param role {@code client}: the suite's client tests the server at the URL; {@code server}: its server listens there
     * @param folder for its log and reports
     */
    static AutobahnRound start(
            AutobahnSuite suite, String role, String url, Path folder, String include, String exclude)
            throws IOException {
        Files.createDirectories(folder);
        Path log = folder.resolve("suite.log");
        List<String> command = new ArrayList<>(suite.command());
        command.addAll(List.of(role, url, folder.resolve("report").toString(), include, exclude));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new AutobahnRound(process, log);
    }

    /** Waits until the suite's server listens. */
    void awaitListening() throws IOException, InterruptedException {
        await(Duration.ofMinutes(2), () -> lines("LISTENING").isEmpty());
    }

    /** Waits until the suite has ended by itself. */
    void awaitEnd(Duration limit) throws IOException, InterruptedException {
        await(limit, process::isAlive);
    }

    /** The ids of the cases that this round was to run. */
    Set<String> cases() throws IOException {
        Set<String> ids = new TreeSet<>(CaseId::compare);
        lines("CASE").forEach(words -> ids.add(words[1]));
        return ids;
    }

    /** What came out so far, by id. */
    Map<String, CaseResult> results() throws IOException {
        Map<String, CaseResult> results = new TreeMap<>(CaseId::compare);
        for (String[] words : lines("RESULT")) {
            results.put(words[1], new CaseResult(words[1], words[2], words[3], words[4]));
        }
        return results;
    }

    /** Ends the process if it still runs. */
    @Override
    public void close() {
        process.destroy();
    }

    private void await(Duration limit, Condition waiting) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (waiting.holds()) {
            if (process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS) && waiting.holds()) {
                throw new IOException("the suite ended with status " + process.exitValue() + ", see " + log);
            }
            long silentMillis =
                    System.currentTimeMillis() - Files.getLastModifiedTime(log).toMillis();
            if (silentMillis > STALLED.toMillis() || System.nanoTime() - begin > limit.toNanos()) {
                throw new IOException("the suite took more than " + limit.toSeconds() + " s or said nothing for "
                        + STALLED.toSeconds() + " s, see " + log);
            }
        }
    }

    private List<String[]> lines(String kind) throws IOException {
        List<String[]> lines = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            String[] words = line.split("\t", -1);
            if (words[0].equals(kind)) {
                lines.add(words);
            }
        }
        return lines;
    }

    /** A condition that reads the log. */
    private interface Condition {
        boolean holds() throws IOException;
    }
}
