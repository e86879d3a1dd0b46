package io.duplex.topic;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who has joined which topic. Cost of delivery is that of the subscribers alone. Confined to one thread at a time.
 *
 * @param <S> a subscriber, compared by identity of its own {@code equals}
 */
public final class TopicTree<S> {
    private final Map<String, Set<S>> subscribers = new HashMap<>();

    /** Creates a tree without topics. */
    public TopicTree() {}

    /** Adds {@code subscriber}; returns whether it was not there yet. */
    public boolean subscribe(String topic, S subscriber) {
        return subscribers.computeIfAbsent(topic, name -> new LinkedHashSet<>()).add(subscriber);
    }

    /** Removes {@code subscriber}; returns whether it was there. A topic without subscribers is forgotten. */
    public boolean unsubscribe(String topic, S subscriber) {
        Set<S> members = subscribers.get(topic);
        if (members == null || !members.remove(subscriber)) {
            return false;
        }
        if (members.isEmpty()) {
            subscribers.remove(topic);
        }
        return true;
    }

    /**
     * Calls {@code action} for each subscriber of {@code topic}, in the order in which they joined. It must not change the
     * tree.
     */
    public void forEach(String topic, Consumer<? super S> action) {
        Set<S> members = subscribers.get(topic);
        if (members != null) {
            members.forEach(action);
        }
    }

    /** Number of topics that have a subscriber. */
    public int size() {
        return subscribers.size();
    }
}
