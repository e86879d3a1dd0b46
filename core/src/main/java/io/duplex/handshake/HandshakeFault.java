package io.duplex.handshake;

/**
 * A way in which an opening handshake can break HTTP, RFC 6455 or a limit, with the HTTP status that answers it. One constant
 * a rule.
 */
public enum HandshakeFault {
    /** Not {@code method SP target SP version}, or a character in it that may not be there. */
    INVALID_REQUEST_LINE(400, "RFC 9112 §3", "request line is not valid"),
    /** Not {@code version SP status [SP reason]}. */
    INVALID_STATUS_LINE(400, "RFC 9112 §4", "status line is not valid"),
    /** HTTP, but not HTTP/1. */
    UNSUPPORTED_HTTP_VERSION(505, "RFC 9112 §2.3", "HTTP version is not supported"),
    /** A line that ends in CR or LF alone, which intermediaries read in different ways. */
    INVALID_LINE_END(400, "RFC 9112 §2.2", "line does not end in CR LF"),
    /** A control character other than a tab. */
    CONTROL_CHARACTER(400, "RFC 9110 §5.5", "head has a control character"),
    /** A field value that goes on in the next line. */
    FOLDED_FIELD(400, "RFC 9112 §5.2", "field is folded over lines"),
    /** A field line without a colon, or a name that is no token; white space before the colon is one such. */
    INVALID_FIELD_NAME(400, "RFC 9112 §5.1", "field name is not a token followed by a colon"),
    /** A request line beyond {@link io.duplex.Limits#maxHeaderBytes()}. */
    TARGET_TOO_LONG(414, "RFC 9110 §15.5.15", "request line is longer than maxHeaderBytes"),
    /** A head beyond {@link io.duplex.Limits#maxHeaderBytes()}. */
    HEAD_TOO_LARGE(431, "RFC 6585 §5", "head is bigger than maxHeaderBytes"),
    /** A head beyond {@link io.duplex.Limits#maxHeaderFields()}. */
    TOO_MANY_FIELDS(431, "RFC 6585 §5", "head has more fields than maxHeaderFields"),

    /** An ordinary request for a resource that speaks WebSocket only. */
    NOT_AN_UPGRADE(426, "RFC 6455 §4.2.1", "Upgrade does not contain websocket: this is a WebSocket endpoint"),
    /** An upgrade by another method than GET. */
    METHOD_NOT_GET(405, "RFC 6455 §4.2.1", "method is not GET"),
    /** An upgrade by HTTP/1.0, which has none; often that of a proxy which was not told to speak HTTP/1.1. */
    HTTP_VERSION_TOO_LOW(505, "RFC 6455 §4.2.1", "HTTP version is below 1.1"),
    /** A target that is neither a path nor an absolute http or https URI, or one of another host than Host. */
    INVALID_TARGET(400, "RFC 6455 §4.2.1", "request target is no resource name of this host"),
    /** No Host field, several, or one that is not {@code host[:port]}. */
    INVALID_HOST(400, "RFC 6455 §4.2.1", "Host is not exactly one host with an optional port"),
    /** No {@code upgrade} among the connection options. */
    CONNECTION_WITHOUT_UPGRADE(400, "RFC 6455 §4.2.1", "Connection does not contain upgrade"),
    /** A request that announces a body: its bytes could be taken for frames, or for another request. */
    REQUEST_HAS_BODY(400, "RFC 6455 §4.2.1", "request announces a body"),
    /** No Sec-WebSocket-Version, several, or no number from 0 to 255. */
    INVALID_VERSION(400, "RFC 6455 §4.3", "Sec-WebSocket-Version is not exactly one number from 0 to 255"),
    /** A version other than 13. */
    UNSUPPORTED_VERSION(426, "RFC 6455 §4.4", "Sec-WebSocket-Version is not 13"),
    /** No Sec-WebSocket-Key, several, or no base64 of 16 bytes. */
    INVALID_KEY(400, "RFC 6455 §4.2.1", "Sec-WebSocket-Key is not exactly one base64 of 16 bytes"),
    /** A Sec-WebSocket-Protocol that is no list of tokens, or that repeats one. */
    INVALID_SUBPROTOCOLS(400, "RFC 6455 §4.3", "Sec-WebSocket-Protocol is not a list of different tokens"),
    /** A Sec-WebSocket-Extensions that breaks its grammar. */
    INVALID_EXTENSIONS(400, "RFC 6455 §9.1", "Sec-WebSocket-Extensions breaks its grammar"),
    /** An Origin that the {@link OriginPolicy} does not permit. */
    ORIGIN_NOT_ALLOWED(403, "RFC 6455 §4.2.2", "origin is not allowed");

    private final int status;
    private final String section;
    private final String description;

    HandshakeFault(int status, String section, String description) {
        this.status = status;
        this.section = section;
        this.description = description;
    }

    /** The HTTP status that answers it, where a request has it: 400 to 505. */
    public int status() {
        return status;
    }

    /** Where the rule stands, such as {@code "RFC 6455 §4.2.1"}. */
    public String section() {
        return section;
    }

    /** The fault in a few words. Holds nothing that the peer sent. */
    public String description() {
        return description;
    }
}
