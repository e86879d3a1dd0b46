package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.websocket.DeploymentException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jakarta WebSocket §3.1.1, URI mapping. */
class UriTemplateTest {
    private static @Nullable Map<String, String> match(String template, String path) throws DeploymentException {
        return UriTemplate.parse(template).match(Objects.requireNonNull(UriTemplate.segments(path)));
    }

    @Test
    void aLiteralPathMatchesItselfOnly() throws DeploymentException {
        assertThat(match("/a/b", "/a/b")).isEmpty();
        assertThat(match("/a/b", "/a/c")).isNull();
        assertThat(match("/a/b", "/a/b/")).isNull();
        assertThat(match("/a/b", "/A/b")).isNull();
        assertThat(match("/", "/")).isEmpty();
    }

    @Test
    void aVariableStandsForOneWholeSegment() throws DeploymentException {
        assertThat(match("/a/{x}", "/a/b")).containsExactly(Map.entry("x", "b"));
        assertThat(match("/a/{x}", "/a/b/c")).isNull();
        assertThat(match("/a/{x}", "/a/")).isNull();
        assertThat(match("/{x}/{y}", "/1/2")).containsExactly(Map.entry("x", "1"), Map.entry("y", "2"));
    }

    @Test
    void segmentsAreDecodedAfterThePathIsTakenApart() throws DeploymentException {
        assertThat(match("/a/{x}", "/a/b%2Fc")).containsExactly(Map.entry("x", "b/c"));
        assertThat(match("/ä", "/%C3%A4")).isEmpty();
        assertThat(match("/a/{x}", "/a/1+2")).containsExactly(Map.entry("x", "1+2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "", "/%", "/%4", "/%zz", "/%ff", "/a/..", "/a/%2e%2E", "/./a", "/%2e"})
    void whatIsNoPathOrARelativeOneHasNoSegments(String path) {
        assertThat(UriTemplate.segments(path)).isNull();
    }

    @Test
    void aLiteralSegmentGoesBeforeAVariableFurtherLeftFirst() throws DeploymentException {
        TreeSet<UriTemplate> templates = new TreeSet<>();
        for (String template : List.of("/{x}/{y}", "/{x}/b", "/a/{y}", "/a/b")) {
            templates.add(UriTemplate.parse(template));
        }
        assertThat(templates).extracting(UriTemplate::toString).containsExactly("/a/b", "/a/{y}", "/{x}/b", "/{x}/{y}");
    }

    @Test
    void templatesThatDifferInTheNamesOfVariablesAreTheSame() throws DeploymentException {
        assertThat(UriTemplate.parse("/a/{x}")).isEqualTo(UriTemplate.parse("/a/{y}"));
        assertThat(UriTemplate.parse("/a/{x}")).hasSameHashCodeAs(UriTemplate.parse("/a/{y}"));
        assertThat(UriTemplate.parse("/a/{x}")).isNotEqualTo(UriTemplate.parse("/b/{x}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "", "/a//b", "/a/../b", "/./b", "/a{x}", "/{x}b", "/{x", "/x}", "/{}", "/{x}/{x}", "/{{x}}"
            })
    void whatIsNoTemplateIsNotDeployed(String template) {
        assertThatThrownBy(() -> UriTemplate.parse(template)).isInstanceOf(DeploymentException.class);
    }
}
