package io.duplex.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who has joined which topic, by its name or by a pattern. Cost of delivery is that of the subscribers alone, as long as there
 * are no patterns; with them the segments of the topic are looked up too. Confined to one thread at a time.
 *
 * @param <S> a subscriber, compared by identity of its own {@code equals}
 */
public final class TopicTree<S> {
    private static final String ONE = "*";
    private static final String REST = ">";
    private static final char DOT = '.';

    private final Map<String, Set<S>> subscribers = new HashMap<>();
    private final Node<S> patterns = new Node<>();
    private int patternCount;

    /** Creates a tree without topics. */
    public TopicTree() {}

    /** Adds {@code subscriber} to a topic; returns whether the topic had none. */
    public boolean subscribe(String topic, S subscriber) {
        Set<S> members = subscribers.computeIfAbsent(topic, name -> new LinkedHashSet<>());
        return members.add(subscriber) && members.size() == 1;
    }

    /** Removes {@code subscriber} from a topic, which is forgotten with its last one; returns whether it was that. */
    public boolean unsubscribe(String topic, S subscriber) {
        Set<S> members = subscribers.get(topic);
        if (members == null || !members.remove(subscriber) || !members.isEmpty()) {
            return false;
        }
        subscribers.remove(topic);
        return true;
    }

    /**
     * Adds {@code subscriber} to all topics that match; returns whether the pattern had none.
     *
     * @param pattern one that {@link #requirePattern} takes
     */
    public boolean subscribePattern(String pattern, S subscriber) {
        Node<S> node = patterns;
        for (int from = 0; from >= 0; from = next(pattern, from)) {
            node = node.children.computeIfAbsent(segment(pattern, from), name -> new Node<>());
        }
        boolean first = node.subscribers.isEmpty();
        if (first) {
            patternCount++;
        }
        node.subscribers.add(subscriber);
        return first;
    }

    /** Removes {@code subscriber} from a pattern, which is forgotten with its last one; returns whether it was that. */
    public boolean unsubscribePattern(String pattern, S subscriber) {
        boolean last = remove(patterns, pattern, 0, subscriber);
        if (last) {
            patternCount--;
        }
        return last;
    }

    private static <S> boolean remove(Node<S> parent, String pattern, int from, S subscriber) {
        String name = segment(pattern, from);
        Node<S> node = parent.children.get(name);
        if (node == null) {
            return false;
        }
        int next = next(pattern, from);
        boolean last = next < 0
                ? node.subscribers.remove(subscriber) && node.subscribers.isEmpty()
                : remove(node, pattern, next, subscriber);
        if (last && node.subscribers.isEmpty() && node.children.isEmpty()) {
            parent.children.remove(name);
        }
        return last;
    }

    /**
     * Calls {@code action} for each subscriber of {@code topic}, in the order in which they joined: first those who joined it
     * by its name, then those of each pattern that matches. Who has joined in several ways is called as often. The action must
     * not change the tree.
     */
    public void forEach(String topic, Consumer<? super S> action) {
        Set<S> members = subscribers.get(topic);
        if (members != null) {
            members.forEach(action);
        }
        if (patternCount > 0) {
            match(patterns, topic, 0, action);
        }
    }

    /** The one for whom {@link #forEach} calls the action first; {@code null} if there is none. */
    public @Nullable S first(String topic) {
        List<S> found = new ArrayList<>(1);
        forEach(topic, found::add);
        return found.isEmpty() ? null : found.get(0);
    }

    /** As deep as the patterns are, which are the application's, however many segments the topic has. */
    private static <S> void match(Node<S> node, String topic, int from, Consumer<? super S> action) {
        Node<S> rest = node.children.get(REST);
        if (rest != null) {
            rest.subscribers.forEach(action);
        }
        int next = next(topic, from);
        step(node.children.get(segment(topic, from)), topic, next, action);
        step(node.children.get(ONE), topic, next, action);
    }

    private static <S> void step(@Nullable Node<S> node, String topic, int next, Consumer<? super S> action) {
        if (node != null) {
            if (next < 0) {
                node.subscribers.forEach(action);
            } else {
                match(node, topic, next, action);
            }
        }
    }

    /** Whether anybody has joined by a pattern. */
    public boolean hasPatterns() {
        return patternCount > 0;
    }

    /** Number of topics and patterns that have a subscriber. */
    public int size() {
        return subscribers.size() + patternCount;
    }

    /** Whether a name is to be read as a pattern: a segment of it is {@code *}, or its last one {@code >}. */
    public static boolean isPattern(String name) {
        boolean wild = false;
        for (int from = 0; from >= 0; from = next(name, from)) {
            String segment = segment(name, from);
            wild |= segment.equals(ONE) || segment.equals(REST) && next(name, from) < 0;
        }
        return wild;
    }

    /**
     * Checks a pattern.
     *
     * @throws IllegalArgumentException if {@code *} or {@code >} stands inside a segment, or {@code >} before others
     */
    public static String requirePattern(String pattern) {
        for (int from = 0; from >= 0; from = next(pattern, from)) {
            String segment = segment(pattern, from);
            boolean wild = segment.contains(ONE) || segment.contains(REST);
            if (wild && segment.length() > 1) {
                throw new IllegalArgumentException(
                        "pattern '" + pattern + "' has a wildcard inside the segment '" + segment + "'");
            }
            if (segment.equals(REST) && next(pattern, from) >= 0) {
                throw new IllegalArgumentException("pattern '" + pattern + "' goes on after '>'");
            }
        }
        return pattern;
    }

    private static String segment(String name, int from) {
        int dot = name.indexOf(DOT, from);
        return dot < 0 ? name.substring(from) : name.substring(from, dot);
    }

    /** Where the segment after the one at {@code from} begins; negative behind the last. */
    private static int next(String name, int from) {
        int dot = name.indexOf(DOT, from);
        return dot < 0 ? dot : dot + 1;
    }

    /** What is known of the topics that begin with certain segments. */
    private static final class Node<S> {
        final Map<String, Node<S>> children = new HashMap<>(2);
        final Set<S> subscribers = new LinkedHashSet<>(2);
    }
}
