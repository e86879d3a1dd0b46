package io.duplex.sockjs;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.connection.HttpExchange;
import io.duplex.polling.session.JoinedParts;
import io.duplex.polling.session.Opener;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.PacketQueue;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One session of SockJS. Nothing is acknowledged in this protocol: what was put into an answer is taken to be there. Confined
 * to the session's loop, but for what is final.
 */
final class SockJsSession {
    private static final CloseStatus TEXT_ONLY =
            new CloseStatus(CloseCode.UNSUPPORTED_DATA, "SockJS carries text only");
    private static final CloseStatus GONE = new CloseStatus(CloseCode.GOING_AWAY, "Go away!");

    private final Opener opener;

    private final JoinedParts parts;
    private volatile @Nullable Session session;
    private boolean begun;
    private boolean sending;
    /** What the application closed it with; {@code null} as long as that has not been told. */
    private @Nullable CloseStatus closed;

    SockJsSession(Opener opener, int maxPartsBytes) {
        this.opener = opener;
        this.parts = new JoinedParts(maxPartsBytes);
    }

    /** Has it be that session. */
    void bind(Session bound) {
        session = bound;
    }

    /** Whether the server has let it in. */
    boolean isBound() {
        return session != null;
    }

    Session session() {
        return Objects.requireNonNull(session);
    }

    /** Who it belongs to. */
    Opener opener() {
        return opener;
    }

    /** Whether it has ended and is remembered for who comes back. */
    boolean isClosed() {
        return closed != null;
    }

    /** The frame for who comes back after the end. */
    String closeFrame() {
        return Frames.close(closed == null ? GONE : closed);
    }

    // Receiving

    /**
     * Runs {@code task}, which takes what {@code exchange} brought, once the handler takes messages; never if the client leaves
     * before that.
     *
     * @return false if others wait for that already
     */
    boolean whenReading(HttpExchange exchange, Runnable task) {
        if (sending) {
            return false;
        }
        sending = true;
        Runnable taking = () -> {
            sending = false;
            task.run();
        };
        session().whenReading(taking);
        if (sending) {
            // Its body counts as long as it is there.
            exchange.whenClosed(() -> session().loop().execute(() -> {
                if (session().forget(taking)) {
                    sending = false;
                }
            }));
        }
        return true;
    }

    void receive(List<String> texts) {
        for (String text : texts) {
            session().receive(Packet.text(text));
        }
    }

    // Sending

    /**
     * The next frame that is to go; {@code null} if there is none.
     *
     * @param mostBytes once a frame has so many, the other messages are for the next
     */
    @Nullable String next(int mostBytes) {
        if (!begun) {
            begun = true;
            return Frames.OPEN;
        }
        PacketQueue queue = session().packets();
        List<String> texts = new ArrayList<>();
        CloseStatus close = null;
        long last = queue.acknowledged();
        for (int bytes = 0; last < queue.last() && bytes < mostBytes && close == null; ) {
            Packet packet = queue.get(last + 1);
            if (packet.kind() == Packet.Kind.CLOSE && !texts.isEmpty()) {
                break; // a frame of its own
            }
            last++;
            bytes += packet.length();
            close = take(packet, texts);
        }
        if (close != null) {
            closed = close;
        }
        session().acknowledge(last);
        if (close != null) {
            return Frames.close(close);
        }
        return texts.isEmpty() ? null : Frames.messages(texts);
    }

    private @Nullable CloseStatus take(Packet packet, List<String> texts) {
        switch (packet.kind()) {
            case TEXT -> {
                ByteBuffer whole = parts.whole(session(), packet);
                if (whole != null) {
                    texts.add(StandardCharsets.UTF_8.decode(whole).toString());
                }
            }
            case TEXT_PART -> parts.keep(session(), packet);
            case BINARY, BINARY_PART -> session().connection().close(TEXT_ONLY.code(), TEXT_ONLY.reason());
            case CLOSE -> {
                CloseStatus status = packet.status();
                return status.equals(CloseStatus.NO_STATUS) ? CloseStatus.of(CloseCode.NORMAL) : status;
            }
            case PING, PONG -> {}
        }
        return null;
    }
}
