package io.duplex.conformance.soak;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One connection from its opening to its end: checks that each message comes back once, unchanged and in order, and that no
 * message of its topic is missing. Thread-safe.
 */
final class Peer implements WebSocketHandler {
    /** How a connection ends. */
    enum End {
        /** By the peer, once all has come back. */
        CLOSE,
        /** By the server, which is asked to once all has come back. */
        SERVER_CLOSES,
        /** By the peer, without a word, whatever is under way. */
        ABORT
    }

    private final End end;
    private final Counters counters;
    private final Queue<Echo> awaited = new ArrayDeque<>();
    private @Nullable WebSocket socket;
    private boolean ending;
    private boolean over;
    private long lastPublication = -1;

    Peer(End end, Counters counters) {
        this.end = end;
        this.counters = counters;
    }

    /** What a message looks like when it comes back. */
    private record Echo(boolean isText, int hash) {
        static Echo of(boolean isText, ByteBuffer content) {
            return new Echo(isText, content.hashCode());
        }
    }

    @Override
    public synchronized void onOpen(WebSocket opened) {
        socket = opened;
        counters.opened.increment();
        if (ending) {
            end();
        }
    }

    /** Sends a message, unless the connection is not open or about to end; returns whether it has. */
    synchronized boolean send(boolean isText, ByteBuffer content) {
        WebSocket to = socket;
        if (to == null || ending || over) {
            return false;
        }
        awaited.add(Echo.of(isText, content));
        counters.sent.increment();
        SendStatus status = isText ? to.sendText(content) : to.send(content);
        if (status == SendStatus.REFUSED) {
            counters.failed.increment();
        }
        return true;
    }

    /** Ends the connection in its way, as soon as that may be. */
    synchronized void end() {
        ending = true;
        WebSocket open = socket;
        if (open != null && !over) {
            if (end == End.ABORT) {
                counters.cut.add(awaited.size());
                awaited.clear();
                over = true;
                open.abort();
            } else if (awaited.isEmpty()) {
                finish(open);
            }
        }
    }

    private void finish(WebSocket open) {
        if (end == End.SERVER_CLOSES) {
            open.send(SoakServer.BYE);
        } else {
            open.close();
        }
    }

    /** Whether messages have yet to come back. */
    synchronized boolean isWaiting() {
        return !awaited.isEmpty();
    }

    @Override
    public void onTextBytes(WebSocket from, ByteBuffer utf8) {
        if (utf8.hasRemaining() && utf8.get(utf8.position()) == Fleet.PUBLICATION) {
            onPublication(StandardCharsets.UTF_8.decode(utf8).toString());
        } else {
            onEcho(from, Echo.of(true, utf8));
        }
    }

    @Override
    public void onBinary(WebSocket from, ByteBuffer payload) {
        onEcho(from, Echo.of(false, payload));
    }

    private synchronized void onEcho(WebSocket from, Echo echo) {
        if (over) {
            return;
        }
        if (echo.equals(awaited.poll())) {
            counters.echoed.increment();
        } else {
            counters.wrong.increment();
        }
        if (ending && awaited.isEmpty()) {
            finish(from);
        }
    }

    private synchronized void onPublication(String text) {
        long number = Long.parseLong(text.substring(1, text.indexOf(' ')));
        if (lastPublication >= 0) {
            counters.lost.add(Math.max(0, number - lastPublication - 1));
            counters.wrong.add(number <= lastPublication ? 1 : 0);
        }
        lastPublication = number;
        counters.published.increment();
    }

    @Override
    public synchronized void onClose(WebSocket from, CloseOutcome outcome) {
        counters.closed.increment();
        boolean asAsked = end == End.ABORT
                ? over
                : ending && outcome.clean() && outcome.status().code() == CloseCode.NORMAL;
        if (!asAsked) {
            counters.failed.increment();
            System.out.println("a connection ended with " + outcome);
        }
        counters.lost.add(awaited.size());
        over = true;
    }
}
