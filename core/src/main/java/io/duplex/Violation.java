package io.duplex;

/** A way in which a peer can break the protocol or a limit, with the close code that answers it. One constant a rule. */
public enum Violation {
    /** A reserved bit is set that no negotiated extension gave a meaning. */
    RESERVED_BIT(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.2", "reserved bit is set"),
    /** Opcodes 3 to 7 and 11 to 15. */
    RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.2", "opcode is reserved"),
    /** A payload length that fits a shorter form. */
    NON_MINIMAL_LENGTH(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.2", "payload length is not in its shortest form"),
    /** The highest bit of a 64-bit payload length. */
    LENGTH_HIGH_BIT(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.2", "payload length has its highest bit set"),
    /** A client's frame without a mask. */
    UNMASKED_CLIENT_FRAME(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.1", "client frame is not masked"),
    /** A server's frame with a mask. */
    MASKED_SERVER_FRAME(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.1", "server frame is masked"),
    /** A control frame without FIN. */
    FRAGMENTED_CONTROL_FRAME(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.5", "control frame is fragmented"),
    /** A control frame of more than 125 bytes. */
    CONTROL_FRAME_TOO_LONG(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.5", "control frame is longer than 125 bytes"),
    /** A continuation frame without a message to go on with. */
    UNEXPECTED_CONTINUATION(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.4", "continuation frame without a message"),
    /** A text or binary frame inside a fragmented message. */
    INTERLEAVED_MESSAGE(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.4", "new message inside a fragmented one"),
    /** A Close frame with a body of one byte. */
    CLOSE_BODY_TOO_SHORT(CloseCode.PROTOCOL_ERROR, "RFC 6455 §5.5.1", "close frame body is one byte"),
    /** A close code that must not be in a frame. */
    INVALID_CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "RFC 6455 §7.4", "close code is not valid"),
    /** A close reason that is not UTF-8. */
    INVALID_CLOSE_REASON(CloseCode.INVALID_PAYLOAD, "RFC 6455 §8.1", "close reason is not valid UTF-8"),
    /** Text that is not UTF-8. */
    INVALID_UTF8(CloseCode.INVALID_PAYLOAD, "RFC 6455 §8.1", "text is not valid UTF-8"),
    /** The compression bit on a control frame or on a fragment that is not the first. */
    MISPLACED_COMPRESSION_BIT(CloseCode.PROTOCOL_ERROR, "RFC 7692 §6.1", "RSV1 is set outside a message's first frame"),
    /** A compressed message that does not inflate. */
    INVALID_DEFLATE_DATA(CloseCode.INVALID_PAYLOAD, "RFC 7692 §7.2.2", "compressed data is not valid"),
    /** A frame beyond {@link Limits#maxFrameBytes()}. */
    FRAME_TOO_BIG(CloseCode.TOO_BIG, "RFC 6455 §10.4", "frame is bigger than maxFrameBytes"),
    /** A message beyond {@link Limits#maxMessageBytes()}, or beyond what that allows its compressed form. */
    MESSAGE_TOO_BIG(CloseCode.TOO_BIG, "RFC 6455 §10.4", "message is bigger than maxMessageBytes"),
    /** A message in parts beyond {@link Limits#maxStreamBytes()}, where that is another than maxMessageBytes. */
    STREAM_TOO_BIG(CloseCode.TOO_BIG, "RFC 6455 §10.4", "message is bigger than maxStreamBytes"),
    /** A message in more than {@link Limits#maxFragments()} frames. */
    TOO_MANY_FRAGMENTS(CloseCode.TOO_BIG, "RFC 6455 §10.4", "message has more frames than maxFragments"),
    /** Something to be held for the peer, for which the host lends no more memory. */
    NO_MEMORY(CloseCode.TRY_AGAIN_LATER, "RFC 6455 §10.4", "no memory is left to receive with");

    private final int closeCode;
    private final String section;
    private final String description;

    Violation(int closeCode, String section, String description) {
        this.closeCode = closeCode;
        this.section = section;
        this.description = description;
    }

    /** The close code that answers it. */
    public int closeCode() {
        return closeCode;
    }

    /** Where the rule stands, such as {@code "RFC 6455 §5.1"}. */
    public String section() {
        return section;
    }

    /** The fault in a few words; also the reason in the Close frame. Holds nothing that the peer sent. */
    public String description() {
        return description;
    }

    /** Whether it is a limit of ours that was exceeded, not a rule of the protocol that was broken. */
    public boolean isLimit() {
        return closeCode == CloseCode.TOO_BIG || this == NO_MEMORY;
    }
}
