package io.duplex.client.w3c;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The event listeners of a target and its event handlers ({@code onopen} and its sisters), in the order in which they are
 * called. Thread-safe. What is called runs without a lock.
 */
final class Listeners {
    private final EventTarget target;
    private final Consumer<? super Throwable> uncaught;
    /** Never changed, only replaced: each phase of a dispatch goes over the one that it began with. */
    private volatile List<Listener> listeners = List.of();

    /** @param uncaught told what listeners throw */
    Listeners(EventTarget target, Consumer<? super Throwable> uncaught) {
        this.target = target;
        this.uncaught = uncaught;
    }

    synchronized void add(String type, EventListener<? super Event> callback, ListenerOption... options) {
        Listener added = new Listener(type, callback, List.of(options));
        if (listeners.stream().noneMatch(present -> present.isSame(type, callback, added.isCapture))) {
            append(added);
        }
    }

    synchronized void remove(String type, EventListener<? super Event> callback, ListenerOption... options) {
        boolean isCapture = Arrays.asList(options).contains(ListenerOption.CAPTURE);
        listeners.stream()
                .filter(present -> present.isSame(type, callback, isCapture))
                .findFirst()
                .ifPresent(this::remove);
    }

    private void append(Listener added) {
        List<Listener> longer = new ArrayList<>(listeners);
        longer.add(added);
        listeners = List.copyOf(longer);
    }

    @SuppressWarnings("ReferenceEquality") // this very one
    private synchronized void remove(Listener removed) {
        removed.isRemoved = true;
        listeners = listeners.stream().filter(present -> present != removed).toList();
    }

    /**
     * Sets the event handler of a type. One that replaces another is called in its place; one that is set after none stands
     * last (HTML Standard §8.1.8.1).
     *
     * @param handler {@code null} for none
     */
    synchronized void handler(String type, @Nullable EventListener<? super Event> handler) {
        Listener present = handlerOf(type);
        if (present != null && handler != null) {
            present.callback = handler;
        } else if (present != null) {
            remove(present);
        } else if (handler != null) {
            Listener added = new Listener(type, handler, List.of());
            added.isHandler = true;
            append(added);
        }
    }

    private @Nullable Listener handlerOf(String type) {
        for (Listener present : listeners) {
            if (present.isHandler && present.type.equals(type)) {
                return present;
            }
        }
        return null;
    }

    /** Whether anybody waits for events of this type. */
    boolean has(String type) {
        return listeners.stream().anyMatch(present -> present.type.equals(type));
    }

    /**
     * Calls the listeners of the event's type.
     *
     * @throws DomException InvalidStateError if the event is being dispatched already
     */
    void dispatch(Event event, boolean isTrusted) {
        event.begin(target, isTrusted);
        try {
            // One snapshot for each, as the DOM Standard has it (§2.9, "invoke").
            call(listeners, event, true);
            call(listeners, event, false);
        } finally {
            event.end();
        }
    }

    private void call(List<Listener> called, Event event, boolean capturing) {
        if (event.isPropagationStopped()) {
            return;
        }
        for (Listener listener : called) {
            if (event.isImmediatePropagationStopped()) {
                return;
            }
            if (listener.isCapture == capturing && listener.type.equals(event.type()) && !listener.isRemoved) {
                call(listener, event);
            }
        }
    }

    private void call(Listener listener, Event event) {
        EventListener<? super Event> callback = listener.callback;
        if (listener.isOnce) {
            remove(listener);
        }
        event.enter(listener.isPassive);
        try {
            callback.handleEvent(event);
        } catch (Throwable fault) {
            uncaught.accept(fault);
        } finally {
            event.enter(false);
        }
    }

    /** One listener, or the event handler of a type. */
    private static final class Listener {
        private final String type;
        private final boolean isCapture;
        private final boolean isOnce;
        private final boolean isPassive;
        private boolean isHandler;
        private volatile EventListener<? super Event> callback;
        private volatile boolean isRemoved;

        Listener(String type, EventListener<? super Event> callback, List<ListenerOption> options) {
            this.type = type;
            this.callback = callback;
            isCapture = options.contains(ListenerOption.CAPTURE);
            isOnce = options.contains(ListenerOption.ONCE);
            isPassive = options.contains(ListenerOption.PASSIVE);
        }

        boolean isSame(String otherType, EventListener<? super Event> other, boolean otherIsCapture) {
            return !isHandler && isCapture == otherIsCapture && type.equals(otherType) && callback.equals(other);
        }
    }
}
