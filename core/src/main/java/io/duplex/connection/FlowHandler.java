package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.FlowWebSocket;
import io.duplex.FlowWebSocketHandler;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns one connection's callbacks into a {@link FlowWebSocket}. It has no thread of its own. A host gives it to the {@link
 * Connection} like any handler, whose onOpen takes the {@link Connection} itself, not another {@link WebSocket} around it. The
 * callbacks are confined to the event loop; the socket that it makes is thread-safe.
 */
public final class FlowHandler implements WebSocketHandler {
    private final FlowWebSocketHandler whenOpen;
    private @Nullable FlowSocket opened;

    /**
     * Creates the handler of one {@link Connection}.
     *
     * @param whenOpen given the socket on the event loop, before any message
     */
    public FlowHandler(FlowWebSocketHandler whenOpen) {
        this.whenOpen = whenOpen;
    }

    private FlowSocket opened() {
        return Objects.requireNonNull(opened, "onOpen has not come");
    }

    @Override
    public void onOpen(WebSocket socket) {
        FlowSocket flow = new FlowSocket((Connection) socket);
        opened = flow;
        whenOpen.onOpen(flow);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        opened().publisher().offer(new Message.Text(text));
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        opened().publisher().offer(new Message.Binary(ByteBuffer.wrap(Outbound.copy(payload))));
    }

    @Override
    public void onDrain(WebSocket socket) {
        opened().drained();
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        opened().ended(outcome);
    }
}
