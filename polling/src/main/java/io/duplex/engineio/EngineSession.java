package io.duplex.engineio;

import io.duplex.CloseStatus;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.TimerWheel;
import io.duplex.polling.session.JoinedParts;
import io.duplex.polling.session.Opener;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.polling.session.PacketQueue;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One session of Engine.IO: what its client may do when, and its heartbeat. Nothing is acknowledged in this protocol: what was
 * put into an answer is taken to be there, and a request that breaks ends the session. Confined to the session's loop, but for
 * what is final.
 */
final class EngineSession implements TimerWheel.Watch {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final String id;
    private final Opener opener;

    private final EngineOptions options;
    private final TimerWheel.Timer heartbeat = new TimerWheel.Timer(this);

    private @Nullable Session session;
    private @Nullable PollCarrier poll;
    private boolean posting;
    /** The WebSocket connection that carries it, or wants to; {@code null} if there is none. */
    private @Nullable SocketCarrier socket;
    /** Whether that connection has shown that it works, and the client is about to go over to it. */
    private boolean upgrading;

    private boolean awaitsPong;
    private final JoinedParts parts;

    EngineSession(String id, Opener opener, EngineOptions options) {
        this.id = id;
        this.opener = opener;
        this.options = options;
        this.parts = new JoinedParts(options.maxPartsBytes());
    }

    String id() {
        return id;
    }

    Session session() {
        return Objects.requireNonNull(session);
    }

    /** Has it be that session; {@link #open} is next, on its loop. */
    void bind(Session bound) {
        session = bound;
    }

    /** Begins: the client knows its id. */
    void open() {
        Session present = session();
        present.loop().timers().schedule(heartbeat, options.pingIntervalNanos());
        present.open();
    }

    /** Nothing is left of it. */
    void end() {
        session().loop().timers().cancel(heartbeat);
    }

    /** Who it belongs to. */
    Opener opener() {
        return opener;
    }

    // Polling

    /** Holds a request until there is something to answer. */
    void poll(HttpExchange exchange) {
        if (socket != null && session().carrier() == socket) {
            Answers.refuse(exchange, EngineFault.BAD_REQUEST);
            return;
        }
        if (poll != null && !poll.isAnswered()) {
            Answers.refuse(exchange, EngineFault.BAD_REQUEST);
            session().lose("two polls at the same time");
            return;
        }
        PollCarrier next = new PollCarrier(this, exchange);
        poll = next;
        next.begin();
        if (upgrading) {
            next.release();
        }
    }

    /** Takes what a request brought, which is not UTF-8 for certain, once the handler takes messages. */
    void post(HttpExchange exchange, ByteBuffer body) {
        if (socket != null && session().carrier() == socket) {
            Answers.refuse(exchange, EngineFault.BAD_REQUEST);
            return;
        }
        if (posting) {
            Answers.refuse(exchange, EngineFault.BAD_REQUEST);
            session().lose("two posts at the same time");
            return;
        }
        posting = true;
        Runnable taking = () -> {
            posting = false;
            try {
                for (EnginePacket packet : Payload.decode(body)) {
                    receive(packet);
                }
            } catch (PayloadFault fault) {
                lose(exchange, fault);
                return;
            }
            Answers.ok(exchange);
        };
        session().whenReading(taking);
        if (posting) {
            // Its body counts as long as it is there. What was in it is lost.
            exchange.whenClosed(() -> session().loop().execute(() -> {
                if (session().forget(taking)) {
                    posting = false;
                    session().lose("a post was cut");
                }
            }));
        }
    }

    /** Ends it, as a request has what is no packet. */
    void lose(HttpExchange exchange, PayloadFault fault) {
        Answers.refuse(exchange, EngineFault.BAD_REQUEST);
        session().lose(String.valueOf(fault.getMessage()));
    }

    // Upgrade

    /** Returns whether a WebSocket connection may carry it; one may, and only once. */
    boolean reserve(SocketCarrier wanted) {
        if (socket != null || session().isOver()) {
            return false;
        }
        socket = wanted;
        return true;
    }

    /** The connection is gone, or never carried it. */
    void release(SocketCarrier ended) {
        if (socket == ended) { // this one, and not one that was refused
            socket = null;
            upgrading = false;
        }
    }

    /** The WebSocket works: the client ends its polls once the one that is held has been answered. */
    void beginUpgrade() {
        upgrading = true;
        if (poll != null) {
            poll.release();
        }
    }

    void endUpgrade() {
        upgrading = false;
    }

    // Receiving

    /** Takes a packet from the client. */
    void receive(EnginePacket packet) throws PayloadFault {
        Session present = session();
        switch (packet.type()) {
            case MESSAGE -> present.receive(new Packet(Kind.TEXT, packet.data()));
            case BINARY -> present.receive(new Packet(Kind.BINARY, packet.data()));
            case PONG -> {
                if (awaitsPong) {
                    awaitsPong = false;
                    present.loop().timers().schedule(heartbeat, options.pingIntervalNanos());
                }
                present.receive(new Packet(Kind.PONG, NOTHING));
            }
            case CLOSE -> closed(CloseStatus.NO_STATUS);
            case OPEN, PING -> throw new PayloadFault("a packet that only servers send");
            case UPGRADE, NOOP -> {}
        }
    }

    /** The client has closed: it does not come for an answer, and a poll that it has here ends without one. */
    void closed(CloseStatus status) {
        Session present = session();
        if (poll != null) {
            poll.release();
        }
        present.receive(Packet.close(status));
        present.loop().execute(() -> present.acknowledge(present.packets().last()));
    }

    // Sending

    /**
     * Takes packets that are to go now.
     *
     * @param mostBytes once there are so many, the others are for the next time
     */
    List<EnginePacket> take(int mostBytes) {
        PacketQueue queue = session().packets();
        List<EnginePacket> taken = new ArrayList<>();
        long last = queue.acknowledged();
        for (int bytes = 0; last < queue.last() && bytes < mostBytes; ) {
            Packet packet = queue.get(++last);
            bytes += packet.length();
            EnginePacket next = outgoing(packet);
            if (next != null) {
                taken.add(next);
            }
        }
        session().acknowledge(last);
        return taken;
    }

    private @Nullable EnginePacket outgoing(Packet packet) {
        return switch (packet.kind()) {
            case TEXT -> message(PacketType.MESSAGE, packet);
            case BINARY -> message(PacketType.BINARY, packet);
            case TEXT_PART, BINARY_PART -> {
                parts.keep(session(), packet);
                yield null;
            }
            case PING -> new EnginePacket(PacketType.PING);
            case PONG -> null;
            case CLOSE -> new EnginePacket(PacketType.CLOSE, packet.bytes());
        };
    }

    private @Nullable EnginePacket message(PacketType type, Packet last) {
        ByteBuffer whole = parts.whole(session(), last);
        return whole == null ? null : new EnginePacket(type, whole);
    }

    // Heartbeat

    @Override
    public long onTimer(long nowNanos) {
        Session present = session();
        if (present.isOver()) {
            return NEVER;
        }
        if (!present.isReading()) {
            awaitsPong = false; // it may have come, and is not read
            return options.pingIntervalNanos();
        }
        if (awaitsPong) {
            present.lose("ping timeout");
            return NEVER;
        }
        awaitsPong = true;
        present.connection().ping(ByteBuffer.allocate(0));
        return options.pingTimeoutNanos();
    }
}
