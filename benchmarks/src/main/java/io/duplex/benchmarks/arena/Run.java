package io.duplex.benchmarks.arena;

import java.io.File;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Under what conditions figures were taken.
 *
 * @param id tells the runs of a results file apart
 * @param at when it began, UTC
 * @param commit what was measured, with {@code -dirty} if the sources differed from it
 * @param pinned whether server and generator had a CPU of their own each
 * @param quick whether it was too short to be relied on
 * @param command the command that was typed
 * @param seconds measured time of each figure
 * @param warmSeconds CPU seconds of mixed load that a server had before
 * @param versions the peers', by artifact
 */
record Run(
        int id,
        String at,
        String commit,
        String cpu,
        int cpus,
        String system,
        String jdk,
        String jvmOptions,
        boolean pinned,
        boolean quick,
        String command,
        double seconds,
        double warmSeconds,
        Map<String, String> versions) {

    private static final Pattern JAR = Pattern.compile("([A-Za-z][A-Za-z0-9-]*?)-(\\d[\\w.]*?)\\.jar$");
    private static final String[] ARTIFACTS = {
        "netty-codec-http",
        "netty-tcnative-boringssl-static",
        "reactor-netty-http",
        "vertx-core",
        "undertow-core",
        "jetty-websocket-jetty-server",
        "tomcat-embed-core",
        "Java-WebSocket",
        "helidon-webserver"
    };

    /** This machine, now. */
    static Run here(
            Path home, int id, boolean pinned, boolean quick, String command, double seconds, double warmSeconds) {
        String system = Command.output(home, "uname", "-sr");
        return new Run(
                id,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                commit(home),
                cpu(home),
                Runtime.getRuntime().availableProcessors(),
                Objects.requireNonNullElse(system, System.getProperty("os.name")),
                System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
                String.join(" ", Command.options()),
                pinned,
                quick,
                command,
                seconds,
                warmSeconds,
                peerVersions());
    }

    private static String commit(Path home) {
        String commit = Command.output(home, "git", "rev-parse", "--short=10", "HEAD");
        boolean clean =
                Command.output(home, "git", "diff", "--quiet", "HEAD", "--", "pom.xml", "*/pom.xml", "*/src") != null;
        return commit == null ? "unknown" : clean ? commit : commit + "-dirty";
    }

    private static String cpu(Path home) {
        String listed = Command.output(home, "cat", "/proc/cpuinfo");
        return (listed == null ? "" : listed)
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static Map<String, String> peerVersions() {
        Map<String, String> versions = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Matcher jar = JAR.matcher(Path.of(entry).getFileName().toString());
            if (jar.find()) {
                versions.put(jar.group(1), jar.group(2));
            }
        }
        versions.keySet().retainAll(List.of(ARTIFACTS));
        return versions;
    }
}
