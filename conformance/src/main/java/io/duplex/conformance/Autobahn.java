package io.duplex.conformance;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs the Autobahn TestSuite against our server and our client and compares the outcome with the committed baselines. Cases
 * that are not right are run again, since several have timers of half a second that a busy machine trips; how many were is
 * printed.
 */
public final class Autobahn {
    private static final String AGENT = "duplex";
    private static final int RETRY_ROUNDS = 3;
    /** More than this is no matter of timers. */
    private static final int RETRY_CASES = 40;

    private final AutobahnSuite suite;
    private final Path baselines;
    private final Path work;
    private final Path jar;
    private final Scope scope;

    private Autobahn(Path home, Path sources, Path work, Path jar, Scope scope) {
        this.suite = new AutobahnSuite(home, sources.resolve("suite.py"));
        this.baselines = sources.resolve("baseline");
        this.work = work;
        this.jar = jar;
        this.scope = scope;
    }

    /**
     * Runs the suite; the exit status is 0 if all is as the baselines say and 1 if not.
     *
     * @param args the folder of the unpacked suite, the folder with our script and the baselines, a folder for logs and reports,
     *     {@code duplex.jar}, {@code quick} (all but the limits and performance cases 9.*) or {@code all}, and what to test:
     *     {@code server} or {@code client}
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 6) {
            System.err.println("arguments: SUITE SOURCES WORK JAR quick|all server|client");
            System.exit(2);
        }
        Scope scope = args[4].equals("quick") ? Scope.QUICK : Scope.ALL;
        Autobahn autobahn = new Autobahn(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]), Path.of(args[3]), scope);
        boolean passed = autobahn.test(args[5]);
        System.exit(passed ? 0 : 1);
    }

    private boolean test(String subject) throws Exception {
        Outcome outcome = new Outcome();
        String include = "*";
        String exclude = scope.exclude;
        for (int round = 0; round <= RETRY_ROUNDS; round++) {
            Path folder = work.resolve(subject).resolve("round-" + round);
            if (subject.equals("server")) {
                testServer(folder, include, exclude, outcome);
            } else {
                testClient(folder, include, exclude, outcome);
            }
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
        try (ServeProcess server = ServeProcess.start(jar);
                AutobahnRound round =
                        AutobahnRound.start(suite, "client", server.echoUrl(), folder, include, exclude)) {
            round.awaitEnd(scope.limit);
            outcome.add(round);
        }
    }

    private void testClient(Path folder, String include, String exclude, Outcome outcome) throws Exception {
        String url = "ws://127.0.0.1:" + freePort();
        try (AutobahnRound round = AutobahnRound.start(suite, "server", url, folder, include, exclude)) {
            round.awaitListening();
            AutobahnClient.run(url, AGENT);
            outcome.add(round);
        }
    }

    /** The suite must know its port before it listens. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
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
