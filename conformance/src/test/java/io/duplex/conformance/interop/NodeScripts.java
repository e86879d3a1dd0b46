package io.duplex.conformance.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Our scripts for Node, and the packages that they need, which npm installs below {@code target}. */
public final class NodeScripts {
    private static final List<String> PACKAGES = List.of("ws@8.18.3", "socket.io-client@4.8.1", "sockjs-client@1.6.1");

    private NodeScripts() {}

    /**
     * Starts a script with Node. Without node and npm the calling test is skipped, except in CI, where it fails.
     *
     * @param owner beside whom the script stands
     * @param arguments of the script
     */
    public static Process start(Class<?> owner, String script, List<String> arguments) throws IOException {
        return prepare(owner, script, arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /**
     * Runs a script with Node for four minutes at most. The calling test fails with what the script wrote if it does not exit with 0.
     * Without node and npm it is skipped, except in CI, where it fails.
     *
     * @param owner beside whom the script stands
     * @param arguments of the script
     * @return all that the script wrote
     */
    public static String run(Class<?> owner, String script, List<String> arguments)
            throws IOException, InterruptedException {
        Process node =
                prepare(owner, script, arguments).redirectErrorStream(true).start();
        node.onExit().orTimeout(4, TimeUnit.MINUTES).whenComplete((end, fault) -> node.destroy());
        String output = new String(node.getInputStream().readAllBytes(), UTF_8);
        assertThat(node.waitFor()).as("%s wrote%n%s", script, output).isZero();
        return output;
    }

    private static ProcessBuilder prepare(Class<?> owner, String script, List<String> arguments) throws IOException {
        Path folder = packages();
        Path copy = folder.resolve(script);
        try (InputStream source = Objects.requireNonNull(owner.getResourceAsStream(script))) {
            Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> command = new ArrayList<>(List.of("node", copy.toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    /** The folder with the {@code node_modules} of our scripts, made on first use. */
    public static Path packages() throws IOException {
        return packages(Path.of("target", "node"), PACKAGES);
    }

    /**
     * Installs packages, if they are not there yet. Without node and npm the calling test is skipped, except in CI, where it fails.
     *
     * @param packages with versions
     * @return the folder that was given, which has {@code node_modules}
     */
    public static synchronized Path packages(Path folder, List<String> packages) throws IOException {
        Path installed = Files.createDirectories(folder).resolve("installed");
        if (!Files.exists(installed) || !Files.readString(installed).equals(packages.toString())) {
            install(folder, packages);
            Files.writeString(installed, packages.toString());
        }
        return folder;
    }

    private static void install(Path folder, List<String> packages) {
        List<String> command =
                new ArrayList<>(List.of("npm", "install", "--prefix", folder.toString(), "--no-audit", "--no-fund"));
        command.addAll(packages);
        try {
            Process npm = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("npm.log").toFile())
                    .start();
            if (!npm.waitFor(2, TimeUnit.MINUTES) || npm.exitValue() != 0) {
                npm.destroy();
                throw new IOException("npm did not install " + packages + ", see " + folder.resolve("npm.log"));
            }
        } catch (IOException e) {
            if (System.getenv("CI") != null) {
                throw new UncheckedIOException(e);
            }
            abort("needs node, npm and the network: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
