package io.duplex;

import org.jspecify.annotations.Nullable;

/**
 * A message that keeps to RFC 6455 and all the same is none that this endpoint understands. The connection is closed with
 * {@link #closeCode()}; what the message of this exception says stays on this side.
 */
public final class DecodeException extends WebSocketException {
    private static final long serialVersionUID = 1;

    private final int closeCode;

    /**
     * Creates the exception.
     *
     * @param closeCode {@link CloseCode#UNSUPPORTED_DATA} for text where only binary is understood or the other way round,
     *     {@link CloseCode#INVALID_PAYLOAD} for content that is not what it should be, {@link CloseCode#POLICY_VIOLATION} for
     *     content beyond a limit; or another that may be sent
     * @param message the fault, for {@link WebSocketHandler#onError} and logs; never sent
     * @param cause the failure behind it, or {@code null}
     * @throws IllegalArgumentException if the code may not appear in a Close frame
     */
    public DecodeException(int closeCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        if (!CloseCode.isValidInFrame(closeCode)) {
            throw new IllegalArgumentException("close code " + closeCode + " must not be sent");
        }
        this.closeCode = closeCode;
    }

    /** The code that the connection is closed with. */
    public int closeCode() {
        return closeCode;
    }
}
