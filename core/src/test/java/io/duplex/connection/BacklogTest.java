package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.SendPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static Outbound message(String text) {
        return Outbound.of(Outbound.Kind.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Outbound latest(String key) {
        return Outbound.latest(Outbound.Kind.TEXT, new byte[0], key);
    }

    private static Outbound under(SendPolicy policy) {
        return Outbound.published(true, new byte[0], policy, null);
    }

    private static List<Outbound> drain(Backlog backlog) {
        List<Outbound> all = new ArrayList<>();
        for (Outbound next; (next = backlog.poll()) != null; ) {
            all.add(next);
        }
        return all;
    }

    @Test
    void messagesComeOutInOrder() {
        Backlog backlog = new Backlog(SendPolicy.close());
        assertThat(backlog.isEmpty()).isTrue();
        List<Outbound> given = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            given.add(message("" + i));
            backlog.add(given.get(i));
        }
        assertThat(backlog.isEmpty()).isFalse();
        assertThat(drain(backlog)).containsExactlyElementsOf(given);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void theLatestOfAKeyTakesThePlaceOfTheOneBefore() {
        Backlog backlog = new Backlog(SendPolicy.close());
        Outbound a1 = latest("a");
        Outbound b = latest("b");
        Outbound plain = message("plain");
        backlog.add(a1);
        backlog.add(plain);
        backlog.add(b);
        assertThat(backlog.likeOf(message("none"))).isNull();
        assertThat(backlog.likeOf(latest("c"))).isNull();
        Outbound a2 = latest("a");
        assertThat(backlog.replace(a2)).isSameAs(a1);
        assertThat(drain(backlog)).containsExactly(a2, plain, b);
        assertThat(backlog.likeOf(latest("a"))).as("its message has gone").isNull();
    }

    @Test
    void aSocketThatKeepsTheLatestHasOneMessageWithoutKey() {
        Backlog backlog = new Backlog(SendPolicy.latestOnly());
        Outbound first = message("1");
        Outbound second = message("2");
        backlog.add(first);
        assertThat(backlog.likeOf(latest("key"))).isNull();
        assertThat(backlog.replace(second)).isSameAs(first);
        assertThat(drain(backlog)).containsExactly(second);
    }

    @Test
    void onlyWhatIsUnderThatPolicyIsDroppedAndTheOldestFirst() {
        Backlog backlog = new Backlog(SendPolicy.close());
        Outbound kept = message("kept");
        Outbound old = under(SendPolicy.dropOldest());
        Outbound young = under(SendPolicy.dropOldest());
        Outbound newest = under(SendPolicy.dropNewest());
        backlog.add(kept);
        backlog.add(old);
        backlog.add(newest);
        backlog.add(young);
        assertThat(backlog.dropOldest()).isSameAs(old);
        assertThat(backlog.dropOldest()).isSameAs(young);
        assertThat(backlog.dropOldest()).isNull();
        Outbound next = under(SendPolicy.dropOldest());
        backlog.add(next);
        assertThat(backlog.dropOldest()).isSameAs(next);
        assertThat(drain(backlog)).containsExactly(kept, newest);
    }

    /** A simple queue as the model, random steps. */
    @RepeatedTest(50)
    void itIsAQueueWhoseMembersCanBeTakenOut(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Backlog backlog = new Backlog(SendPolicy.dropOldest());
        Deque<Outbound> model = new ArrayDeque<>();
        for (int step = 0; step < 2000; step++) {
            int choice = random.nextInt(10);
            if (choice < 5) {
                Outbound message = random.nextBoolean() ? message("x") : latest("key " + random.nextInt(20));
                Outbound replaced = backlog.likeOf(message);
                if (replaced == null) {
                    backlog.add(message);
                    model.add(message);
                } else {
                    assertThat(backlog.replace(message)).isSameAs(replaced);
                    List<Outbound> copy = new ArrayList<>(model);
                    copy.set(copy.indexOf(replaced), message);
                    model = new ArrayDeque<>(copy);
                }
            } else if (choice < 7) {
                assertThat(backlog.poll()).isSameAs(model.poll());
            } else if (choice < 9) {
                assertThat(backlog.dropOldest()).isSameAs(model.poll());
            } else if (random.nextInt(20) == 0) {
                assertThat(drain(backlog)).containsExactlyElementsOf(model);
                model.clear();
            }
            assertThat(backlog.isEmpty()).isEqualTo(model.isEmpty());
        }
        assertThat(drain(backlog)).containsExactlyElementsOf(model);
    }
}
