package io.duplex.conformance;

import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs the Autobahn TestSuite against our server and compares the outcome with the committed baseline. Cases
 * that are not right are run again, since several have timers of half a second that a busy machine trips; how many were is
 * printed.
 */
public final class Autobahn {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final int RETRY_ROUNDS = 3;
    /** More than this is no matter of timers. */
    private static final int RETRY_CASES = 40;

    private final AutobahnSuite suite;
    private final Path baselines;
    private final Path work;
    private final Scope scope;

    private Autobahn(Path home, Path sources, Path work, Scope scope) {
        this.suite = new AutobahnSuite(home, sources.resolve("suite.py"));
        this.baselines = sources.resolve("baseline");
        this.work = work;
        this.scope = scope;
    }

    /**
     * Runs the suite; the exit status is 0 if all is as the baselines say and 1 if not.
     *
     * @param args the folder of the unpacked suite, the folder with our script and the baselines, a folder for logs and reports,
     *     {@code quick} (all but the limits and performance cases 9.*) or {@code all}, and what to test: {@code server}
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 5) {
            System.err.println("arguments: SUITE SOURCES WORK quick|all server");
            System.exit(2);
        }
        Scope scope = args[3].equals("quick") ? Scope.QUICK : Scope.ALL;
        Autobahn autobahn = new Autobahn(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]), scope);
        boolean passed = autobahn.test(args[4]);
        System.exit(passed ? 0 : 1);
    }

    private boolean test(String subject) throws Exception {
        Outcome outcome = new Outcome();
        String include = "*";
        String exclude = scope.exclude;
        for (int round = 0; round <= RETRY_ROUNDS; round++) {
            Path folder = work.resolve(subject).resolve("round-" + round);
            testServer(folder, include, exclude, outcome);
            Set<String> bad = outcome.bad();
            if (bad.isEmpty() || bad.size() > RETRY_CASES) {
                break;
            }
            System.out.println("autobahn " + subject + ": not right at once: " + outcome.describe(bad));
            include = String.join(",", bad);
            exclude = "";
        }
        List<String> differences =
                Baseline.read(baselines.resolve(subject)).differences(outcome.expected, outcome.results.values());
        differences.forEach(difference -> System.out.println("autobahn " + subject + ": " + difference));
        System.out.println("autobahn " + subject + ": " + outcome.summary());
        return differences.isEmpty();
    }

    private void testServer(Path folder, String include, String exclude, Outcome outcome) throws Exception {
        try (WebSocketServer server = EchoServer.start(MAX_MESSAGE_BYTES);
                AutobahnRound round = AutobahnRound.start(
                        suite, "client", "ws://127.0.0.1:" + server.port() + "/", folder, include, exclude)) {
            round.awaitEnd(scope.limit);
            outcome.add(round);
        }
    }

    /** Which cases run, and how long they may take. */
    private enum Scope {
        QUICK("9.*", Duration.ofMinutes(6)),
        ALL("", Duration.ofMinutes(30));

        private final String exclude;
        private final Duration limit;

        Scope(String exclude, Duration limit) {
            this.exclude = exclude;
            this.limit = limit;
        }
    }

    /** The results of all rounds; a later one replaces an earlier one. */
    private static final class Outcome {
        private final Set<String> expected = new TreeSet<>(CaseId::compare);
        private final Set<String> retried = new TreeSet<>(CaseId::compare);
        private final Map<String, CaseResult> results = new TreeMap<>(CaseId::compare);

        void add(AutobahnRound round) throws IOException {
            if (!expected.isEmpty()) {
                retried.addAll(round.cases());
            }
            expected.addAll(round.cases());
            results.putAll(round.results());
        }

        Set<String> bad() {
            Set<String> bad = new TreeSet<>(CaseId::compare);
            for (String id : expected) {
                CaseResult result = results.get(id);
                if (result == null || result.isBad()) {
                    bad.add(id);
                }
            }
            return bad;
        }

        String describe(Collection<String> ids) {
            StringBuilder text = new StringBuilder();
            for (String id : ids) {
                CaseResult result = results.get(id);
                text.append(text.length() == 0 ? "" : "; ").append(result == null ? id + " no result" : result);
            }
            return text.toString();
        }

        String summary() {
            long ok = results.values().stream().filter(CaseResult::isOk).count();
            long informational = results.values().stream()
                    .filter(CaseResult::isInformational)
                    .count();
            return expected.size() + " cases, " + ok + " OK, " + informational + " informational, " + bad().size()
                    + " failed, " + retried.size() + " retried";
        }
    }
}
