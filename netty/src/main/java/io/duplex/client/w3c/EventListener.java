package io.duplex.client.w3c;

/**
 * Takes events. Of one socket, one after the other, on whatever thread the {@link Environment} has for them; those of {@link
 * EventTarget#dispatchEvent} come at any time on the thread that calls it.
 *
 * @param <E> the events that it takes
 */
@FunctionalInterface
public interface EventListener<E extends Event> {
    /**
     * Takes one event. It may wait: that holds up the events of its own socket only, unless the {@link Environment} says
     * otherwise.
     *
     * @throws Exception which is reported ({@link Environment.Builder#onUncaught}); the next listeners are called all the same
     */
    void handleEvent(E event) throws Exception;
}
