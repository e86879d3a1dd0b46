package io.duplex.jakarta;

import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.jakarta.Arrivals.Closed;
import io.duplex.jakarta.Arrivals.Closing;
import io.duplex.jakarta.Arrivals.Failed;
import io.duplex.jakarta.Arrivals.Opened;
import io.duplex.jakarta.Arrivals.Part;
import io.duplex.jakarta.Arrivals.Pong;
import io.duplex.jakarta.Receiver.Form;
import io.duplex.jakarta.Receiver.Kind;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Brings what happens on one connection to its endpoint, on threads that may wait. The callbacks are confined to the event loop,
 * all that is behind the {@link Inbox} to the one thread that takes things out of it.
 */
final class EndpointHandler implements WebSocketHandler {
    /** Bytes of UTF-8 that one char takes at most. */
    private static final long MAX_UTF8_BYTES = 3;

    /** Pongs that are kept while a message is read as a stream; later ones are dropped. */
    private static final int MAX_DEFERRED = 256;

    private final EndpointSession session;
    private final Inbox inbox;
    private final CompletableFuture<EndpointSession> opened;

    private @Nullable Receiver receiver;
    private boolean inMessage;
    private boolean skipping;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(0);
    private @Nullable Utf8Parts utf8;
    /** What came in the middle of a message that a handler reads as a stream. */
    private final Queue<Inbox.Item> deferred = new ArrayDeque<>(0);
    /** Whether the end is among that. */
    private boolean hasEnded;

    /**
     * Waits for the connection.
     *
     * @param opened is completed once the endpoint has been told
     */
    EndpointHandler(EndpointSession session, CompletableFuture<EndpointSession> opened) {
        this.session = session;
        this.opened = opened;
        this.inbox = new Inbox(session.setup().settings()::execute, item -> session.inCallback(() -> take(item)));
    }

    // On the event loop

    @Override
    public Delivery delivery() {
        return Delivery.PARTS;
    }

    @Override
    public void onOpen(WebSocket socket) {
        session.open(socket, this::tellOfClosing);
        inbox.open(socket);
        inbox.offer(new Opened());
        // Now who closes it comes behind that.
        session.register();
    }

    private void tellOfClosing(boolean here) {
        if (!here) {
            inbox.offer(new Closing());
        } else if (!inbox.offerHere(new Closing())) {
            session.awaitEnd();
        }
    }

    @Override
    public void onTextPart(WebSocket socket, ByteBuffer part, boolean last) {
        inbox.offer(new Part(true, copy(part), last));
    }

    @Override
    public void onBinaryPart(WebSocket socket, ByteBuffer part, boolean last) {
        inbox.offer(new Part(false, copy(part), last));
    }

    @Override
    public void onPing(WebSocket socket, ByteBuffer payload) {
        session.touch();
    }

    @Override
    public void onPong(WebSocket socket, ByteBuffer payload) {
        session.touch();
        inbox.offer(new Pong(ByteBuffer.wrap(copy(payload))));
    }

    private static byte[] copy(ByteBuffer payload) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return copy;
    }

    @Override
    public void onDrain(WebSocket socket) {
        session.outlet().drained();
    }

    @Override
    public void onError(WebSocket socket, WebSocketException error) {
        inbox.offer(new Failed(error));
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        session.outlet().ended();
        if (!session.hasEnded()) {
            inbox.offer(new Closed(outcome));
        }
    }

    // On threads that may wait

    private void take(Inbox.Item item) {
        boolean isMessage = item instanceof Part || item instanceof Pong;
        if (session.hasEnded() || isMessage && session.closing() != null) {
            return;
        }
        if (item instanceof Part part) {
            session.touch();
            onPart(part);
            for (Inbox.Item next = deferred.poll(); next != null; next = deferred.poll()) {
                take(next);
            }
        } else if (item instanceof Pong pong) {
            onPong(pong);
        } else if (item instanceof Opened) {
            onOpened();
        } else if (item instanceof Failed failed) {
            session.fail(failed.fault());
        } else if (item instanceof Closing) {
            session.end(Objects.requireNonNull(session.closing(), "not closing"));
        } else if (item instanceof Closed closed) {
            session.end(reason(closed.outcome()));
        } else {
            throw new AssertionError(item);
        }
    }

    private void onOpened() {
        SessionSetup setup = session.setup();
        try {
            session.coders(Coders.create(setup.coders(), setup.config()));
            setup.beforeOpen().call();
            setup.endpoint().onOpen(session, setup.config());
            session.publish();
        } catch (Throwable fault) {
            session.fail(fault);
            session.close(new CloseReason(CloseCodes.UNEXPECTED_CONDITION, "endpoint failed"));
        } finally {
            opened.complete(session);
        }
    }

    private void onPong(Pong pong) {
        Receiver target = session.receivers().of(Kind.PONG);
        if (target != null) {
            deliver(target, new ReceivedPong(pong.payload()), true);
        }
    }

    private void onPart(Part part) {
        if (!inMessage) {
            receiver = session.receivers().of(part.text() ? Kind.TEXT : Kind.BINARY);
            skipping = receiver == null;
        }
        inMessage = !part.last();
        Receiver target = receiver;
        if (skipping || target == null) {
            return;
        }
        if (target.form() == Form.WHOLE) {
            gather(target, part);
        } else if (target.form() == Form.STREAM) {
            stream(target, part);
        } else {
            deliver(
                    target,
                    part.text() ? utf8().decode(part.bytes(), part.last()) : ByteBuffer.wrap(part.bytes()),
                    part.last());
        }
    }

    private Utf8Parts utf8() {
        Utf8Parts present = utf8;
        if (present == null) {
            present = new Utf8Parts();
            utf8 = present;
        }
        return present;
    }

    /** Puts parts together, as far as the session may buffer. */
    private void gather(Receiver target, Part part) {
        long max = target.maxMessageSize() >= 0 ? target.maxMessageSize() : session.maxMessageSize(part.text());
        long bytes = (long) gathered.size() + part.bytes().length;
        if (bytes > (part.text() ? MAX_UTF8_BYTES * max : max)) {
            refuse(max);
            return;
        }
        byte[] whole = part.bytes();
        if (!part.last() || gathered.size() > 0) {
            gathered.writeBytes(part.bytes());
            if (!part.last()) {
                return;
            }
            whole = gathered.toByteArray();
            gathered.reset();
        }
        if (!part.text()) {
            deliver(target, ByteBuffer.wrap(whole), true);
            return;
        }
        String text = new String(whole, StandardCharsets.UTF_8);
        if (text.length() > max) {
            refuse(max);
        } else {
            deliver(target, text, true);
        }
    }

    private void refuse(long max) {
        skipping = true;
        gathered.reset();
        session.close(new CloseReason(CloseCodes.TOO_BIG, "message is longer than " + max));
    }

    private void stream(Receiver target, Part first) {
        MessageInput input = new MessageInput(first, this::awaitPart);
        deliver(target, first.text() ? new InputStreamReader(input, StandardCharsets.UTF_8) : input, true);
        skipping = input.end();
    }

    private Part awaitPart() throws IOException {
        while (!hasEnded) {
            Inbox.Item item;
            try {
                item = inbox.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException interrupted = new InterruptedIOException("interrupted while the message comes");
                interrupted.initCause(e);
                throw interrupted;
            }
            if (item instanceof Part part) {
                session.touch();
                inMessage = !part.last();
                return part;
            }
            if (!(item instanceof Pong)
                    || deferred.size() < MAX_DEFERRED && session.receivers().of(Kind.PONG) != null) {
                deferred.add(item);
            }
            hasEnded = item instanceof Closed || item instanceof Closing;
        }
        throw new IOException("the connection ended in the middle of a message");
    }

    private void deliver(Receiver target, Object content, boolean last) {
        try {
            target.sink().accept(content, last);
        } catch (Throwable fault) {
            session.fail(fault);
        }
    }

    private CloseReason reason(CloseOutcome outcome) {
        CloseReason ours = session.closing();
        if (ours != null) {
            return ours;
        }
        CloseStatus status = outcome.status();
        CloseStatus sent = outcome.sent();
        if (outcome.closedBy() != CloseOutcome.ClosedBy.PEER && sent != null) {
            status = sent;
        }
        return new CloseReason(code(status.code()), status.reason());
    }

    private static CloseReason.CloseCode code(int number) {
        try {
            return Objects.requireNonNull(CloseCodes.getCloseCode(number));
        } catch (IllegalArgumentException e) {
            return () -> number;
        }
    }
}
