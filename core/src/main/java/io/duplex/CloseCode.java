package io.duplex;

/**
 * Close codes (RFC 6455 §7.4 and the IANA registry that goes on from there). An open set: applications own 4000 to 4999,
 * libraries and frameworks register 3000 to 3999.
 */
public final class CloseCode {
    /** The purpose of the connection is fulfilled. */
    public static final int NORMAL = 1000;
    /** The server shuts down, or the browser leaves the page. */
    public static final int GOING_AWAY = 1001;
    /** The peer broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;
    /** A kind of data that this endpoint cannot take, such as binary where only text is understood. */
    public static final int UNSUPPORTED_DATA = 1003;
    /** Never sent: the Close frame that arrived had no code. */
    public static final int NO_STATUS = 1005;
    /** Never sent: the connection ended without a Close frame from the peer. */
    public static final int ABNORMAL = 1006;
    /** A message's content does not fit its kind, such as text that is not UTF-8. */
    public static final int INVALID_PAYLOAD = 1007;
    /** The message breaks a policy of this endpoint. */
    public static final int POLICY_VIOLATION = 1008;
    /** The message is too big to process. */
    public static final int TOO_BIG = 1009;
    /** Sent by clients only: the server did not negotiate an extension that the client needs. */
    public static final int EXTENSION_MISSING = 1010;
    /** The server met a condition that it cannot go on from. */
    public static final int INTERNAL_ERROR = 1011;
    /** The service restarts; come back after a short random wait. */
    public static final int SERVICE_RESTART = 1012;
    /** The service is overloaded; come back later. */
    public static final int TRY_AGAIN_LATER = 1013;
    /** A gateway got an invalid answer from the server behind it. */
    public static final int BAD_GATEWAY = 1014;
    /** Never sent: the TLS handshake failed. */
    public static final int TLS_FAILURE = 1015;

    private CloseCode() {}

    /**
     * Whether a Close frame may carry {@code code} (RFC 6455 §7.4.1, §7.4.2): 1000 to 1003, 1007 to 1014 and 3000 to 4999.
     * Both for sending and for receiving; 1004 has no meaning and counts as invalid.
     */
    public static boolean isValidInFrame(int code) {
        return (code >= NORMAL && code <= UNSUPPORTED_DATA)
                || (code >= INVALID_PAYLOAD && code <= BAD_GATEWAY)
                || (code >= 3000 && code <= 4999);
    }
}
