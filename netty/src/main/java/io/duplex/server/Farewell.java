package io.duplex.server;

import io.duplex.connection.TimerWheel;
import io.duplex.transport.SocketListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket on which all has been said: drops what comes until the peer ends its side, as to close over unread bytes
 * would reset the answer away (RFC 9112 §9.6), but for so long only. Confined to the event loop.
 */
final class Farewell implements SocketListener {
    private static final Duration BRIEFLY = Duration.ofSeconds(1);

    private final Visitor visitor;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);

    private Farewell(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Closes behind what was sent. */
    static void say(Visitor visitor) {
        say(visitor, visitor.server().timeouts().close());
    }

    /** As {@link #say(Visitor)} for a peer that waits for nothing. */
    static void sayBriefly(Visitor visitor) {
        Duration close = visitor.server().timeouts().close();
        say(visitor, close.isZero() || close.compareTo(BRIEFLY) > 0 ? BRIEFLY : close);
    }

    private static void say(Visitor visitor, Duration limit) {
        Farewell farewell = new Farewell(visitor);
        visitor.transport().listener(farewell);
        visitor.transport().setReading(true);
        visitor.schedule(farewell.timer, limit);
        visitor.transport().close();
    }

    @Override
    public void onReadable(ByteBuffer in) {
        in.position(in.limit());
    }

    @Override
    public void onEof() {}

    @Override
    public void onClosed(@Nullable Throwable failure) {
        visitor.cancel(timer);
        visitor.leave();
    }

    private long onTimeout(long nowNanos) {
        visitor.transport().abort();
        return TimerWheel.Watch.NEVER;
    }
}
