package io.duplex.legacy;

import io.duplex.WebSocketHandler.Delivery;
import io.duplex.connection.Acceptance;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Loop;
import io.duplex.connection.Transport;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.ResponseHead;
import io.duplex.protocol.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance of a request of hixie-75 or hixie-76.
 *
 * @param challenge {@code null} in hixie-75, which has none
 * @param origin as the client wrote it
 * @param location the URL that the client has opened, in its own words
 */
record HixieAcceptance(@Nullable KeyChallenge challenge, String origin, String location, Agreement agreement)
        implements Acceptance {
    @Override
    public byte[] response(HeaderFields extraFields) {
        Answer.requireFree(extraFields);
        HeaderFields.Builder fields =
                HeaderFields.builder().add("Upgrade", "WebSocket").add("Connection", "Upgrade");
        String subprotocol = agreement.subprotocol();
        if (challenge == null) {
            fields.add("WebSocket-Origin", origin).add("WebSocket-Location", location);
            if (subprotocol != null) {
                fields.add("WebSocket-Protocol", subprotocol);
            }
        } else {
            fields.add("Sec-WebSocket-Location", location).add("Sec-WebSocket-Origin", origin);
            if (subprotocol != null) {
                fields.add("Sec-WebSocket-Protocol", subprotocol);
            }
        }
        String reason = challenge == null ? "Web Socket Protocol Handshake" : "WebSocket Protocol Handshake";
        HeaderFields all = fields.addAll(extraFields).build();
        return new ResponseHead(HttpVersion.HTTP_1_1, 101, reason, all).toBytes();
    }

    @Override
    public int proofBytes() {
        return challenge == null ? 0 : KeyChallenge.KEY3_BYTES;
    }

    @Override
    public byte[] prove(byte[] proof) {
        return challenge == null ? proof : challenge.answer(proof);
    }

    @Override
    public Protocol protocol(ConnectionSettings settings, Delivery delivery, Loop loop, Transport transport) {
        return new DelimitedProtocol(challenge != null, settings.limits(), delivery, loop.workspace(), transport);
    }
}
