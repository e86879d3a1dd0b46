package io.duplex.extension;

/**
 * What both sides agreed on for permessage-deflate (RFC 7692 §7.1). {@code server*} rules what the server compresses,
 * {@code client*} what the client compresses. Thread-safe.
 *
 * @param serverNoContextTakeover whether each of the server's messages is compressed by itself
 * @param clientNoContextTakeover whether each of the client's messages is compressed by itself
 * @param serverMaxWindowBits the server's references reach back at most 2 to the power of this, in bytes; 8 to 15
 * @param clientMaxWindowBits the client's references reach back at most 2 to the power of this, in bytes; 8 to 15
 * @param showServerMaxWindowBits whether {@link #toResponse()} names {@code server_max_window_bits} even if it is 15: a
 *     client that asked for it has to see it answered (RFC 7692 §7.1.2.1)
 */
public record DeflateParameters(
        boolean serverNoContextTakeover,
        boolean clientNoContextTakeover,
        int serverMaxWindowBits,
        int clientMaxWindowBits,
        boolean showServerMaxWindowBits) {
    static final String EXTENSION = "permessage-deflate";
    static final String SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
    static final String CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
    static final String SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
    static final String CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";
    static final int MIN_WINDOW_BITS = 8;
    static final int MAX_WINDOW_BITS = 15;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number of window bits is not 8 to 15
     */
    public DeflateParameters {
        checkWindowBits("serverMaxWindowBits", serverMaxWindowBits);
        checkWindowBits("clientMaxWindowBits", clientMaxWindowBits);
    }

    /**
     * As the canonical constructor, naming {@code server_max_window_bits} only below 15.
     *
     * @throws IllegalArgumentException if a number of window bits is not 8 to 15
     */
    public DeflateParameters(
            boolean serverNoContextTakeover,
            boolean clientNoContextTakeover,
            int serverMaxWindowBits,
            int clientMaxWindowBits) {
        this(serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits, false);
    }

    /**
     * The element of the response that tells the client what was agreed (RFC 7692 §5.1). A window of 15 bits for the client
     * is told by silence, so {@code client_max_window_bits} never meets a client that did not offer it.
     */
    public String toResponse() {
        StringBuilder response = new StringBuilder(EXTENSION);
        if (serverNoContextTakeover) {
            response.append("; ").append(SERVER_NO_CONTEXT_TAKEOVER);
        }
        if (clientNoContextTakeover) {
            response.append("; ").append(CLIENT_NO_CONTEXT_TAKEOVER);
        }
        if (showServerMaxWindowBits || serverMaxWindowBits < MAX_WINDOW_BITS) {
            response.append("; ").append(SERVER_MAX_WINDOW_BITS).append('=').append(serverMaxWindowBits);
        }
        if (clientMaxWindowBits < MAX_WINDOW_BITS) {
            response.append("; ").append(CLIENT_MAX_WINDOW_BITS).append('=').append(clientMaxWindowBits);
        }
        return response.toString();
    }

    static int checkWindowBits(String name, int bits) {
        if (bits < MIN_WINDOW_BITS || bits > MAX_WINDOW_BITS) {
            throw new IllegalArgumentException(name + " is " + bits + ", must be 8 to 15");
        }
        return bits;
    }
}
