package io.duplex.connection;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The topics of one server, over all its event loops. Thread-safe. */
public final class Topics {
    private final List<Loop> loops = new CopyOnWriteArrayList<>();

    /** Creates topics that no loop takes part in. */
    public Topics() {}

    /** Adds the topics of {@code loop}. */
    public void add(Loop loop) {
        loops.add(loop);
    }

    /** Hands {@code message} to every member of {@code topic} but {@code except}. */
    void publish(String topic, Outbound message, Connection except) {
        for (Loop loop : loops) {
            if (except.isOn(loop)) {
                loop.deliver(topic, message, except);
            } else {
                loop.execute(() -> loop.deliver(topic, message, except));
            }
        }
    }
}
