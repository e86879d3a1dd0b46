package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.SendPolicy;
import io.duplex.Timeouts;
import io.duplex.extension.PermessageDeflate;
import io.duplex.tls.ServerTls;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference names every option that there is, and no other. */
class ServerOptionsTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().resolve("docs/reference/server-options.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    @ParameterizedTest
    @ValueSource(
            classes = {
                WebSocketServer.Builder.class,
                RouteOptions.Builder.class,
                Limits.Builder.class,
                RateLimits.Builder.class,
                Timeouts.Builder.class,
                Drain.Builder.class,
                SendPolicy.class,
                PermessageDeflate.Builder.class,
                ServerTls.Builder.class
            })
    void theReferenceHasEachOption(Class<?> builder) throws IOException {
        assertThat(documented(builder)).isEqualTo(options(builder));
    }

    @Test
    void eachOptionHasItsDefaultItsRangeAndItsReason() throws IOException {
        assertThat(Files.readAllLines(PAGE))
                .filteredOn(line -> ROW.matcher(line).lookingAt())
                .allMatch(line -> line.matches("\\|( [^|]*[^ |][^|]* \\|){4}"));
    }

    private static Set<String> options(Class<?> builder) {
        return Arrays.stream(builder.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getReturnType() == builder)
                .map(method -> method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented(Class<?> builder) throws IOException {
        String heading = "## " + builder.getCanonicalName().replaceFirst("^[a-z.]+", "") + "\n";
        String page = Files.readString(PAGE);
        assertThat(page).contains(heading);
        int from = page.indexOf(heading) + heading.length();
        int next = page.indexOf("\n## ", from);
        return ROW.matcher(page.substring(from, next < 0 ? page.length() : next))
                .results()
                .map((MatchResult row) -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
