package io.duplex.polling.session;

import java.io.Serial;

/** A request that is answered with an error. */
public final class Refusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * Creates an error.
     *
     * @param status 400 to 599
     * @param why for the developer of the client; nothing of what the client sent
     */
    public Refusal(int status, String why) {
        super(why, null, false, false);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** For the developer of the client. */
    public String why() {
        return String.valueOf(getMessage());
    }
}
