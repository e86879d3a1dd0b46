package io.duplex.client.w3c;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as the DOM Standard has it. Confined to the thread that dispatches it, except for what does not
 * change: {@link #type}, {@link #timeStamp}, {@link #cancelable} and what subclasses add.
 */
public sealed class Event permits MessageEvent, CloseEvent {
    /** {@link #eventPhase()} of an event that is not being dispatched. */
    public static final int NONE = 0;
    /** {@link #eventPhase()} of an event whose listeners are being called. */
    public static final int AT_TARGET = 2;

    private static final long TIME_ORIGIN_NANOS = System.nanoTime();

    private final String type;
    private final boolean cancelable;
    private final double timeStamp = (System.nanoTime() - TIME_ORIGIN_NANOS) / 1e6;
    private @Nullable EventTarget target;
    private boolean trusted;
    private boolean dispatching;
    private boolean inPassiveListener;
    private boolean propagationStopped;
    private boolean immediatePropagationStopped;
    private boolean defaultPrevented;

    /** An event of one's own that is not cancelable. */
    public Event(String type) {
        this(type, false);
    }

    /**
     * An event of one's own.
     *
     * @param cancelable whether {@link #preventDefault()} has an effect
     */
    public Event(String type, boolean cancelable) {
        this.type = type;
        this.cancelable = cancelable;
    }

    /** What happened, such as {@code open}. */
    public final String type() {
        return type;
    }

    /** Where it is or was dispatched; {@code null} if it has not been. */
    public final @Nullable EventTarget target() {
        return target;
    }

    /** Where it is being dispatched; {@code null} if it is not. */
    public final @Nullable EventTarget currentTarget() {
        return dispatching ? target : null;
    }

    /** {@link #AT_TARGET} while it is being dispatched, {@link #NONE} otherwise. */
    public final int eventPhase() {
        return dispatching ? AT_TARGET : NONE;
    }

    /** Always {@code false}: there is nobody above the target. */
    public final boolean bubbles() {
        return false;
    }

    /** Whether {@link #preventDefault()} has an effect. */
    public final boolean cancelable() {
        return cancelable;
    }

    /** Whether the socket made it; {@code false} for {@link EventTarget#dispatchEvent}. */
    public final boolean isTrusted() {
        return trusted;
    }

    /** When it was made, in milliseconds since an arbitrary time. */
    public final double timeStamp() {
        return timeStamp;
    }

    /** Whether a listener has called {@link #preventDefault()} with effect. */
    public final boolean defaultPrevented() {
        return defaultPrevented;
    }

    /** Makes {@link EventTarget#dispatchEvent} return {@code false}, if the event is cancelable. */
    public final void preventDefault() {
        if (cancelable && !inPassiveListener) {
            defaultPrevented = true;
        }
    }

    /** Called in a listener with {@link ListenerOption#CAPTURE}, keeps the event from those without. */
    public final void stopPropagation() {
        propagationStopped = true;
    }

    /** Keeps the event from all further listeners. */
    public final void stopImmediatePropagation() {
        propagationStopped = true;
        immediatePropagationStopped = true;
    }

    // The dispatch

    final void begin(EventTarget at, boolean isTrusted) {
        if (dispatching) {
            throw DomException.invalidState("event '" + type + "' is being dispatched already");
        }
        target = at;
        trusted = isTrusted;
        dispatching = true;
    }

    final void end() {
        dispatching = false;
        inPassiveListener = false;
        propagationStopped = false;
        immediatePropagationStopped = false;
    }

    final void enter(boolean isPassive) {
        inPassiveListener = isPassive;
    }

    final boolean isPropagationStopped() {
        return propagationStopped;
    }

    final boolean isImmediatePropagationStopped() {
        return immediatePropagationStopped;
    }
}
