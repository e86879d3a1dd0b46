package io.duplex.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of the client's options has all that there are, and no others. */
class ClientOptionsPageTest {
    private static final Path PAGE = Path.of("../docs/reference/client-options.md");
    private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);

    @ParameterizedTest
    @CsvSource({
        "WebSocketClient.builder(), io.duplex.client.WebSocketClient$Builder",
        "client.request(uri), io.duplex.client.ConnectRequest",
        "Reconnect.builder(), io.duplex.client.Reconnect$Builder",
        "ClientTls.builder(), io.duplex.tls.ClientTls$Builder",
        "PollingClient.builder(), io.duplex.polling.PollingClient$Builder",
        "Environment.builder(), io.duplex.client.w3c.Environment$Builder",
    })
    void eachOptionHasItsRow(String heading, Class<?> options) throws IOException {
        assertThat(rows(heading)).containsExactlyElementsOf(optionsOf(options));
    }

    @Test
    void eachOptionHasItsDefaultItsRangeAndItsReason() throws IOException {
        assertThat(Files.readAllLines(PAGE))
                .filteredOn(line -> ROW.matcher(line).lookingAt())
                .allMatch(line -> line.matches("\\|( [^|]*[^ |][^|]* \\|){4}"));
    }

    /** An option is what returns the builder itself. */
    private static Set<String> optionsOf(Class<?> options) {
        return Arrays.stream(options.getMethods())
                .filter(method -> method.getReturnType() == options)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> rows(String heading) throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf("## `" + heading + "`\n");
        assertThat(from).as("heading " + heading).isNotNegative();
        int to = page.indexOf("\n## ", from);
        Matcher row = ROW.matcher(page.substring(from, to < 0 ? page.length() : to));
        Set<String> names = new TreeSet<>();
        while (row.find()) {
            assertThat(names.add(row.group(1)))
                    .as("only row of " + row.group(1))
                    .isTrue();
        }
        return names;
    }
}
