package io.duplex.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java code in the documentation stands in a program that is compiled, between {@code // tag::x} and {@code // end::x}. */
class SnippetsTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final Path SOURCES = REPOSITORY.resolve("examples/src/main/java/io/duplex/examples");
    private static final Pattern JAVA_BLOCK =
            Pattern.compile("(?:<!-- snippet: (\\S+)#(\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void codeInTheDocumentationIsCutFromTheExamples() throws IOException {
        List<String> wrong = new ArrayList<>();
        int snippets = 0;
        for (Path page : pages()) {
            Matcher block = JAVA_BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                snippets++;
                String where = REPOSITORY.relativize(page) + ": " + block.group(1) + "#" + block.group(2);
                if (block.group(1) == null) {
                    wrong.add(where + ": a Java block without <!-- snippet: File.java#tag --> before it");
                } else if (!cut(block.group(1), block.group(2)).equals(block.group(3))) {
                    wrong.add(where + ": differs from the example");
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(snippets).isPositive();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(REPOSITORY.resolve("docs"))) {
            return Stream.concat(Stream.of(REPOSITORY.resolve("README.md")), docs)
                    .filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static String cut(String file, String tag) {
        try {
            List<String> lines = Files.readAllLines(SOURCES.resolve(file));
            int from = indexOf(lines, "// tag::" + tag) + 1;
            int to = indexOf(lines, "// end::" + tag);
            return String.join("\n", lines.subList(from, to)).stripIndent() + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int indexOf(List<String> lines, String marker) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(marker)) {
                return i;
            }
        }
        throw new AssertionError("no line '" + marker + "'");
    }
}
