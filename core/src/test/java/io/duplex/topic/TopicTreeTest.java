package io.duplex.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTreeTest {
    private final TopicTree<String> tree = new TopicTree<>();

    private List<String> members(String topic) {
        List<String> members = new ArrayList<>();
        tree.forEach(topic, members::add);
        return members;
    }

    @Test
    void subscribersAreCalledInTheOrderInWhichTheyJoined() {
        tree.subscribe("a", "one");
        tree.subscribe("b", "two");
        tree.subscribe("a", "three");
        assertThat(members("a")).containsExactly("one", "three");
        assertThat(members("b")).containsExactly("two");
        assertThat(members("c")).isEmpty();
    }

    @Test
    void joiningTellsWhetherItIsTheFirst() {
        assertThat(tree.subscribe("a", "one")).isTrue();
        assertThat(tree.subscribe("a", "one")).isFalse();
        assertThat(tree.subscribe("a", "two")).isFalse();
        assertThat(members("a")).containsExactly("one", "two");
    }

    @Test
    void leavingTellsWhetherItWasTheLast() {
        tree.subscribe("a", "one");
        tree.subscribe("a", "two");
        assertThat(tree.unsubscribe("a", "three")).isFalse();
        assertThat(tree.unsubscribe("b", "one")).isFalse();
        assertThat(tree.unsubscribe("a", "one")).isFalse();
        assertThat(members("a")).containsExactly("two");
        assertThat(tree.unsubscribe("a", "two")).isTrue();
        assertThat(tree.unsubscribe("a", "two")).isFalse();
    }

    @Test
    void aTopicWithoutSubscribersIsForgotten() {
        tree.subscribe("a", "one");
        assertThat(tree.size()).isEqualTo(1);
        tree.unsubscribe("a", "one");
        assertThat(tree.size()).isZero();
    }

    @Test
    void aWildcardInATopicIsAnOrdinaryCharacter() {
        tree.subscribe("*", "star");
        tree.subscribe(">", "rest");
        assertThat(members("a")).isEmpty();
        assertThat(members("*")).containsExactly("star");
        assertThat(tree.hasPatterns()).isFalse();
    }

    @Nested
    class Patterns {
        @ParameterizedTest
        @CsvSource({
            "orders.*,      orders.eu,       true",
            "orders.*,      orders.,         true",
            "orders.*,      orders,          false",
            "orders.*,      orders.eu.new,   false",
            "orders.*,      order.eu,        false",
            "orders.*.new,  orders.eu.new,   true",
            "orders.*.new,  orders.eu.old,   false",
            "*.*,           orders.eu,       true",
            "*.*,           orders,          false",
            "*,             orders,          true",
            "*,             orders.eu,       false",
            "orders.>,      orders.eu,       true",
            "orders.>,      orders.eu.new.1, true",
            "orders.>,      orders,          false",
            ">,             orders,          true",
            ">,             orders.eu,       true",
            "*.eu.>,        orders.eu.new,   true",
            "*.eu.>,        orders.eu,       false",
            "orders.eu,     orders.eu,       true",
            "orders.eu,     orders.us,       false",
            "a..b,          a..b,            true",
            "a.*.b,         a..b,            true"
        })
        void matchSegmentBySegment(String pattern, String topic, boolean matches) {
            tree.subscribePattern(TopicTree.requirePattern(pattern), "one");
            assertThat(members(topic)).hasSize(matches ? 1 : 0);
        }

        @Test
        void whoJoinsInSeveralWaysIsCalledAsOftenAndThoseByNameFirst() {
            tree.subscribePattern("a.*", "one");
            tree.subscribePattern("a.>", "one");
            tree.subscribePattern("*.b", "two");
            tree.subscribe("a.b", "three");
            assertThat(members("a.b"))
                    .startsWith("three")
                    .containsOnly("one", "two", "three")
                    .hasSize(4);
            assertThat(tree.first("a.b")).isEqualTo("three");
            assertThat(tree.first("b.c")).isNull();
        }

        @Test
        void joiningAndLeavingTellOfTheFirstAndTheLast() {
            assertThat(tree.subscribePattern("a.*", "one")).isTrue();
            assertThat(tree.subscribePattern("a.*", "one")).isFalse();
            assertThat(tree.subscribePattern("a.*", "two")).isFalse();
            assertThat(tree.unsubscribePattern("a.*", "three")).isFalse();
            assertThat(tree.unsubscribePattern("a.*", "one")).isFalse();
            assertThat(tree.unsubscribePattern("a.>", "two")).isFalse();
            assertThat(tree.unsubscribePattern("a", "two")).isFalse();
            assertThat(tree.unsubscribePattern("b.*", "two")).isFalse();
            assertThat(tree.unsubscribePattern("a.*", "two")).isTrue();
            assertThat(tree.unsubscribePattern("a.*", "two")).isFalse();
        }

        @Test
        void aPatternWithoutSubscribersIsForgottenAndNoOtherWithIt() {
            tree.subscribePattern("a.*.c", "one");
            tree.subscribePattern("a.*", "two");
            assertThat(tree.size()).isEqualTo(2);
            tree.unsubscribePattern("a.*", "two");
            assertThat(members("a.b")).isEmpty();
            assertThat(members("a.b.c")).containsExactly("one");
            assertThat(tree.hasPatterns()).isTrue();
            tree.subscribePattern("a.*", "two");
            tree.unsubscribePattern("a.*.c", "one");
            assertThat(members("a.b")).containsExactly("two");
            tree.unsubscribePattern("a.*", "two");
            assertThat(tree.size()).isZero();
            assertThat(tree.hasPatterns()).isFalse();
        }

        @Test
        void aTopicOfManySegmentsCostsNoMoreThanThePatternsAreDeep() {
            tree.subscribePattern("*.*", "one");
            assertThat(members("a.".repeat(100_000))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"a*", "a.b*", "*a.b", "a.>b", "**", "a.>.b", ">.a"})
        void aWildcardIsAWholeSegmentAndTheRestComesLast(String pattern) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TopicTree.requirePattern(pattern))
                    .withMessageContaining("'" + pattern + "'");
        }

        @ParameterizedTest
        @CsvSource({"a, false", "a.b, false", "a*, false", "a.*, true", "*.b, true", "a.>, true", ">.a, false"})
        void aNameWithAWildcardForASegmentIsAPattern(String name, boolean pattern) {
            assertThat(TopicTree.isPattern(name)).isEqualTo(pattern);
        }
    }
}
