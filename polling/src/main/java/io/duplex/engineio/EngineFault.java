package io.duplex.engineio;

/** Why a request is answered with an error, in the words of the original server. */
enum EngineFault {
    UNKNOWN_TRANSPORT(400, 0, "Transport unknown"),
    UNKNOWN_SESSION(400, 1, "Session ID unknown"),
    BAD_METHOD(400, 2, "Bad handshake method"),
    BAD_REQUEST(400, 3, "Bad request"),
    FORBIDDEN(403, 4, "Forbidden"),
    UNSUPPORTED_VERSION(400, 5, "Unsupported protocol version"),
    TOO_LONG(413, 3, "Payload too long");

    private final int status;
    private final int code;
    private final String message;

    EngineFault(int status, int code, String message) {
        this.status = status;
        this.code = code;
        this.message = message;
    }

    int status() {
        return status;
    }

    /** The body that tells of it. */
    String json() {
        return "{\"code\":" + code + ",\"message\":\"" + message + "\"}";
    }
}
