package io.duplex.client.w3c;

import org.jspecify.annotations.Nullable;

/** Something that events are sent to, as the DOM Standard has it, but for a tree of them. Thread-safe. */
public interface EventTarget {
    /**
     * Adds a listener, behind those that are there. Does nothing if it is there already for this type and this {@link
     * ListenerOption#CAPTURE}.
     *
     * @param type such as {@code message}
     * @param listener compared by {@code equals}; {@code null} does nothing
     */
    void addEventListener(String type, @Nullable EventListener<? super Event> listener, ListenerOption... options);

    /**
     * Removes a listener, which is not called any more, not even for an event that others are being called for. Does nothing if
     * it is not there.
     *
     * @param options of which only {@link ListenerOption#CAPTURE} counts
     */
    void removeEventListener(String type, @Nullable EventListener<? super Event> listener, ListenerOption... options);

    /**
     * Calls the listeners of the event's type on this thread, now.
     *
     * @return whether none of them called {@link Event#preventDefault()} on a cancelable event
     * @throws DomException InvalidStateError if the event is being dispatched already
     */
    boolean dispatchEvent(Event event);
}
