package io.duplex.jakarta;

import jakarta.websocket.PongMessage;
import java.nio.ByteBuffer;

/**
 * A Pong.
 *
 * @param payload its payload, which is the application's
 */
record ReceivedPong(ByteBuffer payload) implements PongMessage {
    @Override
    public ByteBuffer getApplicationData() {
        return payload;
    }
}
