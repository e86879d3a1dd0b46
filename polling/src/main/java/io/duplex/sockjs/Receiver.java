package io.duplex.sockjs;

import io.duplex.CloseStatus;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.ResponseStream;
import io.duplex.handshake.HeaderFields;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request whose answer has frames: one, or as many as a stream may have. Confined to the session's loop. */
final class Receiver implements Carrier {
    /** For who comes while another request receives. */
    static final String BUSY = Frames.close(new CloseStatus(2010, "Another connection still open"));

    private static final int FRAME_BYTES = 32 << 10;
    private static final long HIGH_WATER_BYTES = 64 << 10;

    private final SockJsSession owner;
    private final HttpExchange exchange;
    private final Wire wire;
    private final SockJsOptions options;
    private @Nullable ResponseStream stream;
    private long written;
    private boolean ended;
    private boolean flushing;
    private boolean taking;

    Receiver(SockJsSession owner, HttpExchange exchange, Wire wire, SockJsOptions options) {
        this.owner = owner;
        this.exchange = exchange;
        this.wire = wire;
        this.options = options;
    }

    /** Answers with one frame, whatever the session. */
    static void answer(HttpExchange exchange, Wire wire, SockJsOptions options, String frame) {
        HeaderFields fields = Answers.fields(exchange, wire.contentType(), options);
        if (wire.prelude() == null) {
            exchange.respond(200, fields, ByteBuffer.wrap(wire.frame(frame)));
        } else {
            ResponseStream stream = exchange.stream(200, fields);
            stream.write(ByteBuffer.wrap(wire.prelude().getBytes(StandardCharsets.UTF_8)));
            stream.write(ByteBuffer.wrap(wire.frame(frame)));
            stream.end();
        }
    }

    void begin() {
        Session session = owner.session();
        exchange.whenClosed(() -> session.loop().execute(() -> session.lose("a request was cut")));
        String prelude = wire.prelude();
        if (prelude != null) {
            stream = exchange.stream(200, Answers.fields(exchange, wire.contentType(), options));
            stream.write(ByteBuffer.wrap(prelude.getBytes(StandardCharsets.UTF_8)));
        }
        session.attach(this, options.heartbeatNanos());
        onPackets(); // the first frame is no packet
    }

    @Override
    public void onPackets() {
        while (!ended && !isFull()) {
            taking = true; // what is taken may be the session's end
            String frame = owner.next(FRAME_BYTES);
            taking = false;
            if (frame == null) {
                return;
            }
            send(frame);
        }
    }

    private boolean isFull() {
        ResponseStream open = stream;
        if (open == null || open.pendingBytes() < HIGH_WATER_BYTES) {
            return false;
        }
        if (!flushing) {
            flushing = true;
            open.whenFlushed(() -> owner.session().loop().execute(() -> {
                flushing = false;
                onPackets();
            }));
        }
        return true;
    }

    private void send(String frame) {
        byte[] bytes = wire.frame(frame);
        ResponseStream open = stream;
        if (open == null) {
            ended = true;
            owner.session().detach(this);
            HeaderFields fields = Answers.fields(exchange, wire.contentType(), options);
            exchange.respond(200, fields, ByteBuffer.wrap(bytes));
            return;
        }
        open.write(ByteBuffer.wrap(bytes));
        written += bytes.length;
        if (written >= options.streamBytes() || owner.isClosed()) {
            ended = true;
            owner.session().detach(this);
            open.end();
        }
    }

    @Override
    public void onReplaced() {
        onGone();
    }

    @Override
    public void onGone() {
        if (!ended && !taking) {
            ended = true;
            if (stream == null) {
                answer(exchange, wire, options, owner.closeFrame());
            } else {
                stream.write(ByteBuffer.wrap(wire.frame(owner.closeFrame())));
                stream.end();
            }
        }
    }

    @Override
    public long onTime() {
        if (!ended) {
            send(Frames.HEARTBEAT);
        }
        return options.heartbeatNanos();
    }
}
