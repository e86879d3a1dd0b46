package io.duplex.conformance.interop;

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

/** Processes of Node with its library ws, which npm installs below {@code target}. */
final class NodePeer {
    private static final String WS = "ws@8.18.3";

    private NodePeer() {}

    /**
     * Starts our script with Node. Without node and npm the calling test is skipped, except in CI, where it fails.
     *
     * @param arguments of the script
     */
    static Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node", installed().toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static synchronized Path installed() throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "node"));
        if (!Files.isDirectory(folder.resolve("node_modules").resolve("ws"))) {
            install(folder);
        }
        Path script = folder.resolve("peer.js");
        try (InputStream source = Objects.requireNonNull(NodePeer.class.getResourceAsStream("peer.js"))) {
            Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
        }
        return script;
    }

    private static void install(Path folder) {
        try {
            Process npm = new ProcessBuilder(
                            "npm", "install", "--prefix", folder.toString(), "--no-audit", "--no-fund", WS)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("npm.log").toFile())
                    .start();
            if (!npm.waitFor(2, TimeUnit.MINUTES) || npm.exitValue() != 0) {
                npm.destroy();
                throw new IOException("npm did not install " + WS + ", see " + folder.resolve("npm.log"));
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
