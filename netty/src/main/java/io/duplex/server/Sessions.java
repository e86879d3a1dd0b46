package io.duplex.server;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.connection.Connection;
import io.duplex.handshake.Answer;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that services carry in ordinary requests. They count as connections, and have limits as high as sockets have,
 * but of their own: a session may have a socket, several or none at a time. Thread-safe.
 */
final class Sessions {
    private final Gates gates;
    private final Admissions admissions;
    private final ConcurrentMap<Connection, Entry> open = new ConcurrentHashMap<>();

    private record Entry(boolean isCounted, Admissions.@Nullable Count count, int headBytes) {}

    Sessions(Gates gates, Admissions admissions) {
        this.gates = gates;
        this.admissions = admissions;
    }

    Gates gates() {
        return gates;
    }

    /** What is answered to a client that may not open a session now; {@code null} if it may. */
    Answer.@Nullable Refused turnedAway(SocketAddress client) {
        if (!gates.isOpen()) {
            return gates.draining();
        }
        if (admissions.isFull()) {
            return gates.full();
        }
        return admissions.isFull(client) ? gates.fullOfAddress(client) : null;
    }

    void opened(Connection session) {
        boolean isCounted = admissions.enter() != Admissions.Verdict.TURNED_AWAY;
        int headBytes = RequestMemory.ofHead(session.handshake());
        RequestMemory.SHARED.takeHead(headBytes);
        open.put(
                session,
                new Entry(isCounted, admissions.enter(session.handshake().remoteAddress()), headBytes));
        gates.opened(session);
    }

    void closed(Connection session, CloseOutcome outcome) {
        Entry entry = open.remove(session);
        if (entry == null) {
            return;
        }
        RequestMemory.SHARED.giveHead(entry.headBytes());
        if (entry.isCounted()) {
            admissions.leave();
        }
        if (entry.count() != null) {
            admissions.leave(entry.count());
        }
        gates.closed(session, outcome);
    }

    /** Those that are open now. */
    List<Connection> all() {
        return List.copyOf(open.keySet());
    }

    /** Closes all of them. */
    void close() {
        open.keySet().forEach(session -> session.close(CloseCode.GOING_AWAY, ""));
    }

    /** Cuts all of them; whether there were any. */
    boolean abort() {
        List<Connection> left = all();
        left.forEach(Connection::abort);
        return !left.isEmpty();
    }
}
