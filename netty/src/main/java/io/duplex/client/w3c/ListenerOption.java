package io.duplex.client.w3c;

/** What {@link EventTarget#addEventListener} can be told about a listener. */
public enum ListenerOption {
    /** It is called before those without, and is another listener than the same one without. */
    CAPTURE,
    /** It is removed before its first call. */
    ONCE,
    /** Its {@link Event#preventDefault()} does nothing. */
    PASSIVE
}
