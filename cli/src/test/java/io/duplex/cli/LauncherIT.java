package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code duplex}, beside a jar that is built. */
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {
    private static final int SIGTERM_STATUS = 143;
    private static final int FIRST_TO_SHARE = 19;

    @TempDir
    private Path directory;

    private Path home;
    private Path cache;

    @BeforeEach
    void copyWhatItNeeds() throws IOException {
        cache = directory.resolve("my cache");
        home = Files.createDirectories(directory.resolve("a checkout"));
        Files.createDirectories(home.resolve("cli/src/main"));
        Files.createFile(home.resolve("pom.xml"));
        Files.createFile(home.resolve("cli/pom.xml"));
        Files.copy(Path.of("../duplex"), home.resolve("duplex"));
        Path jar = Files.createDirectories(home.resolve("cli/target")).resolve("duplex.jar");
        Files.copy(Path.of("target/duplex.jar"), jar);
    }

    private DuplexProcess launch(Path launcher, Path cacheHome, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("XDG_CACHE_HOME", cacheHome.toString());
        builder.environment().remove("DUPLEX_OPTS");
        return DuplexProcess.start(builder);
    }

    /** Serves, is ended, and has said nothing but that it listens. */
    private void serve(Path cacheHome) throws IOException, InterruptedException {
        try (DuplexProcess server = launch(home.resolve("duplex"), cacheHome, "serve", "--port", "0")) {
            assertThat(server.listening("/echo").getPort()).isPositive();
            server.terminate();
            assertThat(server.exitStatus()).isEqualTo(SIGTERM_STATUS);
            assertThat(server.remainingErrorLines()).isEmpty();
            assertThat(server.remainingLines()).isEmpty();
        }
    }

    private List<Path> archives() throws IOException {
        Path kept = cache.resolve("duplex");
        if (!Files.exists(kept)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(kept)) {
            return files.toList();
        }
    }

    @Test
    void runsFromAnotherDirectoryAndThroughALink() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("a checkout/duplex"));
        for (Path launcher : List.of(Path.of("a checkout/duplex"), home.resolve("duplex"), link)) {
            try (DuplexProcess duplex = launch(launcher, cache, "--version")) {
                assertThat(duplex.line()).startsWith("duplex ");
                assertThat(duplex.exitStatus()).isZero();
            }
        }
    }

    @Test
    void keepsTheClassesOfACommandForItsNextStart() throws IOException, InterruptedException {
        serve(cache);
        if (Runtime.version().feature() < FIRST_TO_SHARE) {
            assertThat(archives()).isEmpty();
        } else {
            assertThat(archives()).hasSize(1);
            serve(cache);
            assertThat(archives()).hasSize(1);
        }
    }

    @Test
    void startsWhereItCannotKeepThem() throws IOException, InterruptedException {
        Files.createFile(cache); // a file where the directory would be: not even root can write into it
        serve(cache);
        serve(Path.of("/proc/nowhere"));
    }

    @Test
    void saysWhatIsWrongWithJavaHome() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", home.resolve("duplex").toString(), "--version");
        builder.environment().put("JAVA_HOME", directory.toString());
        try (DuplexProcess duplex = DuplexProcess.start(builder)) {
            assertThat(duplex.errorLine()).contains("JAVA_HOME", "Java 17 or later");
            assertThat(duplex.exitStatus()).isEqualTo(1);
        }
    }
}
