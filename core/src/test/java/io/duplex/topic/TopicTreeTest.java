package io.duplex.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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
    void joiningTwiceCountsOnce() {
        assertThat(tree.subscribe("a", "one")).isTrue();
        assertThat(tree.subscribe("a", "one")).isFalse();
        assertThat(members("a")).containsExactly("one");
    }

    @Test
    void leavingTellsWhetherOneWasThere() {
        tree.subscribe("a", "one");
        tree.subscribe("a", "two");
        assertThat(tree.unsubscribe("a", "three")).isFalse();
        assertThat(tree.unsubscribe("b", "one")).isFalse();
        assertThat(tree.unsubscribe("a", "one")).isTrue();
        assertThat(tree.unsubscribe("a", "one")).isFalse();
        assertThat(members("a")).containsExactly("two");
    }

    @Test
    void aTopicWithoutSubscribersIsForgotten() {
        tree.subscribe("a", "one");
        assertThat(tree.size()).isEqualTo(1);
        tree.unsubscribe("a", "one");
        assertThat(tree.size()).isZero();
    }
}
