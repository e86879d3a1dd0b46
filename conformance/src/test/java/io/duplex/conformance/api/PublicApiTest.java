package io.duplex.conformance.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The lists in {@code docs/reference/api} say what every module offers, so that nobody changes it without a word. */
class PublicApiTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final Path LISTS = REPOSITORY.resolve("docs/reference/api");
    private static final String UNPUBLISHED = "<maven.deploy.skip>true<";
    private static final String WRITE = "api.write";
    private static final String COMMAND =
            "./mvnw test -DtestsOnly -Dtest=PublicApiTest" + " -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE;

    /** The modules that are published, by their folders, however deep these lie. */
    static List<String> modules() throws IOException {
        List<String> modules = new ArrayList<>();
        try (Stream<Path> folders = Files.walk(REPOSITORY, 2)) {
            for (Path folder : folders.sorted().toList()) {
                if (Files.exists(folder.resolve("pom.xml"))
                        && Files.exists(folder.resolve("src/main/java"))
                        && !Files.readString(folder.resolve("pom.xml")).contains(UNPUBLISHED)) {
                    modules.add(REPOSITORY.relativize(folder).toString());
                }
            }
        }
        return modules;
    }

    private static PublicApi api(String module) throws IOException {
        Path classes = REPOSITORY.resolve(module).resolve("target/classes");
        assertThat(classes).as("compiled module; build all").isDirectory();
        return PublicApi.of(classes);
    }

    private static Path list(String module) {
        return LISTS.resolve(module.replace('/', '-') + ".txt");
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theListSaysWhatTheModuleOffers(String module) throws IOException {
        PublicApi api = api(module);
        Path list = list(module);
        if (System.getProperty(WRITE) != null) {
            write(api, list);
        }
        List<String> listed = Files.exists(list) ? Files.readAllLines(list) : List.of();
        assertThat(differences(listed, api.lines()))
                .as("public API of %s beside %s; if it shall be so: %s", module, REPOSITORY.relativize(list), COMMAND)
                .isEmpty();
    }

    @Test
    void noListIsLeftOfAModuleThatIsGone() throws IOException {
        List<Path> lists = new ArrayList<>();
        for (String module : modules()) {
            if (!api(module).isEmpty()) {
                lists.add(list(module));
            }
        }
        try (Stream<Path> files = Files.list(LISTS)) {
            assertThat(files.filter(file -> file.toString().endsWith(".txt")))
                    .containsExactlyInAnyOrderElementsOf(lists);
        }
    }

    private static void write(PublicApi api, Path list) throws IOException {
        if (api.isEmpty()) {
            Files.deleteIfExists(list);
        } else {
            Files.createDirectories(list.getParent());
            Files.write(list, api.lines());
        }
    }

    /** What is gone, with a minus, and what is new, with a plus; each member with its type before it. */
    private static List<String> differences(List<String> listed, List<String> offered) {
        Set<String> before = withTypes(listed);
        Set<String> now = withTypes(offered);
        List<String> differences = new ArrayList<>();
        before.stream().filter(line -> !now.contains(line)).forEach(line -> differences.add("- " + line));
        now.stream().filter(line -> !before.contains(line)).forEach(line -> differences.add("+ " + line));
        return differences;
    }

    private static Set<String> withTypes(List<String> lines) {
        Set<String> whole = new LinkedHashSet<>();
        String type = "";
        for (String line : lines) {
            if (line.startsWith(" ")) {
                whole.add(type + " / " + line.strip());
            } else {
                type = line.replaceFirst(":.*", "");
                whole.add(line);
            }
        }
        return whole;
    }
}
