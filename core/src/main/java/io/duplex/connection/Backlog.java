package io.duplex.connection;

import io.duplex.SendPolicy;
import io.duplex.SendPolicy.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whole messages of one connection that wait for room in the network, or for the end of a message of parts; in order. Confined
 * to the event loop.
 *
 * <p>A message takes one reference here, whatever its size: those of topics are shared by all who wait for them.
 */
final class Backlog {
    /*
     * A ring of slots, numbered from the first message on. A message that is dropped leaves an empty slot, so that numbers stay.
     * What may be dropped is looked for from dropFrom on: before it there is nothing, and nothing will come, as messages are
     * added at the end and replaced by their like. So that all dropping together costs no more than all adding.
     */

    private static final int LEAST_SLOTS = 8;

    /** Stands for the socket as a whole, of whose messages only the latest is to wait. */
    private static final Object SOCKET = new Object();

    private final SendPolicy own;
    private @Nullable Outbound[] slots = new Outbound[LEAST_SLOTS];
    private long first;
    private long end;
    private long dropFrom;
    private int size;
    /** Where the message with a key stands; {@code null} until there is one. */
    private @Nullable Map<Object, Long> keys;

    /**
     * Creates a backlog without messages.
     *
     * @param own the policy of messages that bring none
     */
    Backlog(SendPolicy own) {
        this.own = own;
    }

    /** The policy that {@code message} is under. */
    SendPolicy policy(Outbound message) {
        SendPolicy brought = message.policy;
        return brought == null ? own : brought;
    }

    private @Nullable Object key(Outbound message) {
        Object key = message.key;
        return key == null && policy(message).kind() == Kind.LATEST_ONLY ? SOCKET : key;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Adds {@code message} at the end. */
    void add(Outbound message) {
        if (end - first == slots.length) {
            grow();
        }
        Object key = key(message);
        if (key != null) {
            Map<Object, Long> places = keys;
            if (places == null) {
                places = new HashMap<>();
                keys = places;
            }
            places.put(key, end);
        }
        slots[slot(end++)] = message;
        size++;
    }

    /** The message with the key of {@code message}; {@code null} if there is none. */
    @Nullable Outbound likeOf(Outbound message) {
        Long place = place(message);
        return place == null ? null : slots[slot(place)];
    }

    /** Puts {@code message} in the place of the one with its key, which there must be; returns that. */
    Outbound replace(Outbound message) {
        int slot = slot(Objects.requireNonNull(place(message)));
        Outbound old = Objects.requireNonNull(slots[slot]);
        slots[slot] = message;
        return old;
    }

    private @Nullable Long place(Outbound message) {
        Object key = key(message);
        return key == null || keys == null ? null : keys.get(key);
    }

    /** Takes the first message. */
    @Nullable Outbound poll() {
        Outbound message = size == 0 ? null : take(first);
        rest();
        return message;
    }

    /** Takes out the oldest message that may be dropped to make room; {@code null} if there is none. */
    @Nullable Outbound dropOldest() {
        for (dropFrom = Math.max(dropFrom, first); dropFrom < end; dropFrom++) {
            Outbound message = slots[slot(dropFrom)];
            if (message != null && policy(message).kind() == Kind.DROP_OLDEST) {
                take(dropFrom++);
                rest();
                return message;
            }
        }
        return null;
    }

    /** Takes out all messages. */
    void clear(Consumer<? super Outbound> each) {
        for (Outbound message; (message = poll()) != null; ) {
            each.accept(message);
        }
    }

    private @Nullable Outbound take(long place) {
        Outbound message = slots[slot(place)];
        if (message != null) {
            slots[slot(place)] = null;
            size--;
            Object key = key(message);
            if (key != null && keys != null) {
                keys.remove(key);
            }
        }
        return message;
    }

    /** Forgets empty slots at the front, and gives memory back once nothing waits. */
    private void rest() {
        while (first < end && slots[slot(first)] == null) {
            first++;
        }
        if (size == 0) {
            first = end;
            keys = null;
            if (slots.length > LEAST_SLOTS) {
                slots = new Outbound[LEAST_SLOTS];
            }
        }
    }

    /** Empty slots between messages go, if they are many; else there will be twice as many slots. */
    private void grow() {
        @Nullable Outbound[] old = slots;
        long from = first;
        int length = 4 * size > 3 * old.length ? 2 * old.length : old.length;
        slots = new Outbound[length];
        first = 0;
        end = 0;
        dropFrom = 0;
        size = 0;
        for (int i = 0; i < old.length; i++) {
            Outbound message = old[(int) (from + i & old.length - 1)];
            if (message != null) {
                add(message);
            }
        }
    }

    private int slot(long place) {
        return (int) (place & slots.length - 1);
    }
}
