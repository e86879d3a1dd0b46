package io.duplex.client.w3c;

/** The connection is closed. What it adds to {@link Event} does not change, and may be read on any thread. */
public final class CloseEvent extends Event {
    private final boolean wasClean;
    private final int code;
    private final String reason;

    /** An event of one's own: not clean, 0, no reason. */
    public CloseEvent(String type) {
        this(type, false, 0, "");
    }

    /**
     * An event of one's own.
     *
     * @param code 0 to 65535
     * @throws IllegalArgumentException if the code is out of range
     */
    public CloseEvent(String type, boolean wasClean, int code, String reason) {
        super(type);
        if (code < 0 || code > 0xFFFF) {
            throw new IllegalArgumentException("close code is " + code + ", range 0 to 65535");
        }
        this.wasClean = wasClean;
        this.code = code;
        this.reason = reason;
    }

    /** Whether the closing handshake was completed (RFC 6455 §7.1.4). */
    public boolean wasClean() {
        return wasClean;
    }

    /**
     * The code of the server's Close frame; 1005 if that had none, 1006 if no Close frame came (RFC 6455 §7.1.5). Why the
     * connection failed is not told, only logged.
     */
    public int code() {
        return code;
    }

    /** The reason in the server's Close frame (RFC 6455 §7.1.6); empty if there is none. */
    public String reason() {
        return reason;
    }
}
