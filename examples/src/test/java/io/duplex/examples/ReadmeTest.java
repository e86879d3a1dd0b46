package io.duplex.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README's first programs stay as short as it promises. All lines count: imports, empty ones, closing braces. */
class ReadmeTest {
    /** The server is a whole file. The client is what stands in a method: its one import is beside it. */
    @ParameterizedTest
    @CsvSource({"FirstServer.java#server, 15", "FirstClient.java#client, 5"})
    void theFirstProgramsAreShort(String snippet, int mostLines) throws IOException {
        Matcher block = Pattern.compile(
                        "<!-- snippet: " + Pattern.quote(snippet) + " -->\n```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../README.md")));
        assertThat(block.find()).as("README has " + snippet).isTrue();
        assertThat(block.group(1).lines().toList()).hasSizeBetween(1, mostLines);
    }
}
