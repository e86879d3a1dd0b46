package io.duplex.benchmarks.arena;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the arena starts the JVMs that it measures: this one's, with the same classes, the same options for all. */
final class Command {
    private static final int NEEDS_PERMISSION = 24;

    private Command() {}

    /**
     * A JVM's command line.
     *
     * @param cpu the one CPU to run on; {@code null} for any
     */
    static List<String> java(@Nullable Integer cpu, String main, List<String> arguments) {
        List<String> words = new ArrayList<>();
        if (cpu != null) {
            words.addAll(List.of("taskset", "-c", cpu.toString()));
        }
        words.add(tool("java"));
        words.addAll(options());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        words.addAll(arguments);
        return words;
    }

    /** What every JVM is started with. G1 is named, because on one CPU the JVM would take another collector by itself. */
    static List<String> options() {
        List<String> options = new ArrayList<>(List.of("-Xmx2g", "-XX:+UseG1GC"));
        if (Runtime.version().feature() >= NEEDS_PERMISSION) {
            options.addAll(List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dio.netty.noUnsafe=false"));
        }
        return options;
    }

    /** The file of one of the JDK's tools. */
    static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Whether a process can be kept on that CPU. */
    static boolean canPin(int cpu) {
        return output(Path.of(""), "taskset", "-c", String.valueOf(cpu), "true") != null;
    }

    /** What a command prints; {@code null} if it fails. */
    static @Nullable String output(Path folder, String... words) {
        try {
            Process process = new ProcessBuilder(words)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? output.strip() : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
