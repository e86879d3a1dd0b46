package io.duplex.sockjs;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Packet;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A WebSocket connection that carries a session from its beginning to its end: both live on one loop, to which it is confined. */
final class SocketCarrier implements WebSocketHandler, Carrier {
    private static final int FRAME_BYTES = 32 << 10;

    private final Function<Connection, SockJsSession> sessions;
    private final SockJsOptions options;
    private @Nullable SockJsSession owner;
    private @Nullable WebSocket socket;
    private boolean awaitsDrain;
    private boolean ended;

    SocketCarrier(SockJsOptions options, Function<Connection, SockJsSession> sessions) {
        this.options = options;
        this.sessions = sessions;
    }

    @Override
    public void onOpen(WebSocket opened) {
        SockJsSession created = sessions.apply((Connection) opened);
        socket = opened;
        owner = created;
        opened.send(String.valueOf(created.next(FRAME_BYTES)));
        created.session().open();
        created.session().attach(this, options.heartbeatNanos());
    }

    @Override
    public void onText(WebSocket from, String text) {
        SockJsSession present = owner;
        if (present == null || ended || text.isEmpty()) {
            return;
        }
        List<String> messages = Frames.read(text, true);
        if (messages == null) {
            from.abort();
            return;
        }
        for (String message : messages) {
            present.session().receive(Packet.text(message));
        }
    }

    @Override
    public void onBinary(WebSocket from, ByteBuffer payload) {
        from.close(CloseCode.UNSUPPORTED_DATA, "SockJS carries text only");
    }

    @Override
    public void onDrain(WebSocket from) {
        awaitsDrain = false;
        onPackets();
    }

    @Override
    public void onClose(WebSocket from, CloseOutcome outcome) {
        SockJsSession present = owner;
        if (present == null) {
            return;
        }
        boolean first = !ended;
        ended = true;
        if (first && !present.session().isOver()) {
            if (outcome.clean()) {
                present.session().receive(Packet.close(outcome.status()));
                present.session().acknowledge(present.session().packets().last());
            } else {
                present.session()
                        .lose("the WebSocket broke: " + outcome.status().code());
            }
        }
        present.session().detach(this);
    }

    @Override
    public void onPackets() {
        SockJsSession present = owner;
        WebSocket to = socket;
        if (present == null || to == null) {
            return;
        }
        while (!ended && !awaitsDrain) {
            String frame = present.next(FRAME_BYTES);
            if (frame == null) {
                return;
            }
            send(to, frame);
            if (present.isClosed()) {
                end(to);
            }
        }
    }

    private void send(WebSocket to, String frame) {
        if (to.send(frame) == SendStatus.QUEUED) {
            awaitsDrain = true;
        }
    }

    private void end(WebSocket to) {
        if (!ended) {
            ended = true;
            to.close();
        }
    }

    @Override
    public void onReplaced() {
        onGone();
    }

    @Override
    public void onGone() {
        WebSocket to = socket;
        SockJsSession present = owner;
        if (to != null && present != null && !present.isClosed()) {
            end(to);
        }
    }

    @Override
    public long onTime() {
        WebSocket to = socket;
        if (to != null && !ended && !awaitsDrain) {
            send(to, Frames.HEARTBEAT);
        }
        return options.heartbeatNanos();
    }

    @Override
    public void onReading(boolean reading) {
        WebSocket from = socket;
        if (from != null) {
            if (reading) {
                from.resume();
            } else {
                from.pause();
            }
        }
    }
}
