package io.duplex.conformance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each row of the threat table has its test, and each advisory that it names is a tag of that test. */
class SecurityPageTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"([^\"]+)\"\\)");
    private static final int ATTACK = 1;
    private static final int RECORD = 2;
    private static final int ANSWER = 3;
    private static final int TESTS = 5;

    private static List<String[]> rows() throws IOException {
        return Files.readAllLines(REPOSITORY.resolve("docs/security.md")).stream()
                .filter(line -> line.startsWith("| ") && !line.contains("| public record |"))
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    /** The tags of a test. Types of one name stand in different modules; one of them has the method. */
    private static Set<String> tags(String type, String method) throws IOException {
        try (Stream<Path> files = Files.walk(REPOSITORY)) {
            for (Path file : files.filter(each ->
                            each.endsWith(type + ".java") && each.toString().contains("/src/test/"))
                    .toList()) {
                String source = Files.readString(file);
                int at = source.indexOf(" void " + method + "(");
                if (at >= 0) {
                    String annotations = source.substring(source.lastIndexOf("\n\n", at), at);
                    assertThat(annotations).as(method).contains("Test");
                    return TAG.matcher(annotations)
                            .results()
                            .map(tag -> tag.group(1))
                            .collect(Collectors.toSet());
                }
            }
        }
        throw new AssertionError("there is no test " + type + "#" + method);
    }

    @Test
    void eachRowNamesATestThatExistsAndBearsItsAdvisories() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(50);
        for (String[] row : rows()) {
            assertThat(row).as(row[ATTACK]).hasSize(7);
            assertThat(row[ANSWER]).as(row[ATTACK]).isNotBlank();
            Set<String> tags = new HashSet<>();
            List<String> tests = new ArrayList<>();
            for (Matcher test = TEST.matcher(row[TESTS]); test.find(); ) {
                tests.add(test.group());
                tags.addAll(tags(test.group(1), test.group(2)));
            }
            assertThat(tests).as(row[ATTACK]).isNotEmpty();
            for (String advisory : row[RECORD].split(",", -1)) {
                if (!advisory.isBlank()) {
                    assertThat(tags).as(row[ATTACK]).contains(advisory.strip());
                }
            }
        }
    }

    @Test
    void noAdvisoryThatATestBearsIsMissingOnThePage() throws IOException {
        Set<String> listed = new HashSet<>();
        for (String[] row : rows()) {
            Stream.of(row[RECORD].split(",", -1)).map(String::strip).forEach(listed::add);
        }
        try (Stream<Path> files = Files.walk(REPOSITORY)) {
            for (Path file : files.filter(each -> each.toString().matches(".*/src/test/.*(IT|Test)\\.java"))
                    .toList()) {
                TAG.matcher(Files.readString(file))
                        .results()
                        .map(tag -> tag.group(1))
                        .filter(tag -> tag.matches("(CVE-|GHSA-).*|.*#\\d+"))
                        .forEach(tag -> assertThat(listed).as(file.toString()).contains(tag));
            }
        }
    }
}
