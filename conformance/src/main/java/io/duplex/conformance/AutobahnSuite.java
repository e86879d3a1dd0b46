package io.duplex.conformance;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the Autobahn suite and the Jython that runs it were put.
 *
 * @param home the folder with {@code jython.jar} and, unpacked in {@code suite}, the bundle
 * @param script our script that drives the suite
 */
record AutobahnSuite(Path home, Path script) {
    /** The command that starts the script; its arguments follow. */
    List<String> command() {
        return List.of(
                java(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dpython.cachedir=" + home.resolve("cachedir"),
                "-Dpython.console.encoding=UTF-8",
                "-Dautobahn.suite=" + home.resolve("suite"),
                "-jar",
                home.resolve("jython.jar").toString(),
                script.toString());
    }

    /** The JVM that runs this program. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
