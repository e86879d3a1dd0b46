package io.duplex.handshake;

import io.duplex.extension.DeflateParameters;
import org.jspecify.annotations.Nullable;

/**
 * What both sides agreed on in the opening handshake (RFC 6455 §4.1: <i>Subprotocol In Use</i>, <i>Extensions In Use</i>).
 * Immutable and thread-safe.
 *
 * @param subprotocol {@code null} if none is in use
 * @param extensions the value of Sec-WebSocket-Extensions in the response; empty if none is in use
 * @param deflate the parameters of permessage-deflate; {@code null} if it is not in use
 */
public record Agreement(
        @Nullable String subprotocol,
        String extensions,
        @Nullable DeflateParameters deflate) {
    /** Neither a subprotocol nor an extension. */
    static final Agreement PLAIN = new Agreement(null, "", null);
}
