package io.duplex.client;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection that comes back by itself when it is lost: one after the other, each with a handler of its own. Made by {@link
 * ConnectRequest#reconnecting}. Thread-safe.
 *
 * <p>Messages are sent at most once. What was given to a connection is never given to another one, as nobody can know whether
 * the server has it: after {@link WebSocketHandler#onClose}, whatever the server has not answered is in doubt. What was not
 * given to one is refused, or waits if {@link Reconnect#queueBytes} allows, or is left in {@link #unsent()} at the end; none is
 * lost without a word.
 */
public final class ReconnectingWebSocket implements AutoCloseable {
    private final WebSocketClient client;
    private final Supplier<ConnectRequest> requests;
    private final Reconnect policy;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // All below is guarded by this.
    private final UnsentQueue waiting;
    /** The open connection; {@code null} while there is none. */
    private @Nullable WebSocket socket;
    /** From its handler's making to its onClose. */
    private @Nullable Link link;
    /** What is to be cancelled when this is closed: the attempt to connect, or the delay before it. */
    private @Nullable Future<?> pending;

    private int connections;
    private int failures;
    private boolean closed;
    private @Nullable Throwable fault;

    private ReconnectingWebSocket(
            WebSocketClient client,
            Supplier<ConnectRequest> requests,
            Reconnect policy,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        this.client = client;
        this.requests = requests;
        this.policy = policy;
        this.handlers = handlers;
        this.waiting = new UnsentQueue(policy.queueBytes());
    }

    static ReconnectingWebSocket start(
            WebSocketClient client,
            Supplier<ConnectRequest> requests,
            Reconnect policy,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        ReconnectingWebSocket created = new ReconnectingWebSocket(client, requests, policy, handlers);
        client.keep(created);
        try {
            created.attempt();
        } catch (RuntimeException e) {
            created.end(e);
            throw e;
        }
        return created;
    }

    private void attempt() {
        synchronized (this) {
            if (closed) {
                return;
            }
            pending = null;
        }
        // Without the lock: cookies are the application's to give, and its request to make.
        CompletableFuture<WebSocket> connecting = requests.get().connectAsync(this::makeLink);
        if (!mayGoOn(connecting)) {
            connecting.cancel(false);
        }
        connecting.whenComplete((opened, failure) -> {
            if (failure != null) {
                onFailure(failure);
            }
        });
    }

    /** Whether an attempt that has begun is still wanted. */
    private synchronized boolean mayGoOn(CompletableFuture<WebSocket> connecting) {
        if (closed) {
            return link != null; // which sees to its own end
        }
        if (pending == null) {
            pending = connecting; // unless it is over, and the next one is due
        }
        return true;
    }

    private void attemptAgain() {
        try {
            attempt();
        } catch (Throwable e) {
            end(e);
        }
    }

    private WebSocketHandler makeLink(Handshake handshake) {
        Link made;
        try {
            made = new Link(this, Objects.requireNonNull(handlers.apply(handshake), "the handler is null"));
        } catch (Throwable e) {
            synchronized (this) {
                fault = e;
            }
            throw e;
        }
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("closed meanwhile");
            }
            link = made;
            return made;
        }
    }

    private void onFailure(Throwable failure) {
        Throwable own;
        int count;
        synchronized (this) {
            own = fault;
            count = ++failures;
        }
        if (own != null) {
            end(own);
        } else if (failure instanceof HandshakeException refused) {
            decide(new Outage(count, null, refused), refused);
        } else {
            end(failure);
        }
    }

    private void decide(Outage outage, @Nullable RuntimeException failure) {
        try {
            if (isClosed()) {
                end(null);
            } else if (policy.retries(outage)) {
                Duration delay = policy.delay(outage.failures(), ThreadLocalRandom.current());
                Duration wanted = outage.retryAfter(Instant.now());
                Duration longer = delay.compareTo(wanted) < 0 ? wanted.plus(delay) : delay;
                policy.tell(outage, longer);
                comeBackAfter(longer);
            } else {
                end(failure);
            }
        } catch (Throwable e) {
            end(e);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void comeBackAfter(Duration delay) {
        if (!closed) {
            pending = client.later(this::attemptAgain, delay);
        }
    }

    private void end(@Nullable Throwable failure) {
        synchronized (this) {
            closed = true;
            socket = null;
        }
        if (failure == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(failure);
        }
    }

    // One connection's life, on its event loop

    void onOpen(WebSocket opened) {
        boolean goesOn;
        synchronized (this) {
            goesOn = !closed;
            connections++;
            if (goesOn) {
                socket = opened;
                waiting.sendTo(opened);
            }
        }
        if (!goesOn) {
            opened.close();
        }
    }

    synchronized void onDrain(WebSocket drained) {
        if (socket == drained) {
            waiting.sendTo(drained);
        }
    }

    /** A connection is about to end: nothing more may be given to it. */
    synchronized void onClosing() {
        socket = null;
    }

    void onClosed(Duration lasted, CloseOutcome outcome) {
        int count;
        synchronized (this) {
            link = null;
            pending = null;
            if (lasted.compareTo(policy.stableAfter()) >= 0) {
                failures = 0;
            }
            count = ++failures;
        }
        decide(new Outage(count, outcome, null), isOrdinary(outcome) ? null : new ConnectionClosedException(outcome));
    }

    /** Whether either side just had nothing more to say. */
    private static boolean isOrdinary(CloseOutcome outcome) {
        return switch (outcome.closedBy()) {
            case SELF -> true;
            case PEER ->
                outcome.clean()
                        && (outcome.status().code() == CloseCode.NORMAL
                                || outcome.status().code() == CloseCode.NO_STATUS);
            case PROTOCOL, LIMIT, TIMEOUT, HANDLER, NETWORK -> false;
        };
    }

    // The application's side

    /**
     * Sends a text message, as {@link WebSocket#send(String)} does; from a handler's onOpen, use the socket that it is given.
     *
     * @return {@link SendStatus#REFUSED} while there is no connection, unless {@link Reconnect#queueBytes} has room: then {@link
     *     SendStatus#QUEUED}, without an onDrain
     */
    public SendStatus send(String text) {
        return send(new Message.Text(text));
    }

    /** Sends a binary message, which is consumed, as {@link #send(String)} does text. */
    public SendStatus send(ByteBuffer payload) {
        WebSocket open = openAndIdle();
        if (open != null) {
            int start = payload.position();
            SendStatus status = open.send(payload);
            if (!wasClosed(open, status)) {
                return status;
            }
            payload.position(start);
        }
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return send(new Message.Binary(ByteBuffer.wrap(copy)));
    }

    private SendStatus send(Message message) {
        WebSocket open = openAndIdle();
        if (open != null) {
            SendStatus status = UnsentQueue.send(open, message);
            if (!wasClosed(open, status)) {
                return status;
            }
        }
        return enqueue(message);
    }

    /** The connection, if no message waits to go first. */
    private synchronized @Nullable WebSocket openAndIdle() {
        return waiting.isEmpty() ? socket : null;
    }

    /** Whether a message was refused because the connection ends, not because its queue is full. */
    private static boolean wasClosed(WebSocket open, SendStatus status) {
        return status == SendStatus.REFUSED && open.readyState() != ReadyState.OPEN;
    }

    private synchronized SendStatus enqueue(Message message) {
        WebSocket open = socket;
        if (open != null && waiting.isEmpty() && open.readyState() == ReadyState.OPEN) {
            return UnsentQueue.send(open, message); // it came back meanwhile
        }
        return !closed && waiting.add(message) ? SendStatus.QUEUED : SendStatus.REFUSED;
    }

    /** The open connection; {@code null} while there is none. */
    public synchronized @Nullable WebSocket socket() {
        return socket;
    }

    /** How many connections there have been so far: 0 before the first, more than 1 after it has come back. */
    public synchronized int connections() {
        return connections;
    }

    /** The messages that wait for a connection; after the end those that were never sent. Their buffers can only be read. */
    public synchronized List<Message> unsent() {
        return waiting.messages();
    }

    /**
     * The end: completed after {@link #close()}, when a handler has closed its socket, and when the peer has closed in the
     * ordinary way (1000, or no code) and {@link Reconnect.Builder#retryIf} takes that for the end; or with what it was given up
     * for: a {@link HandshakeException}, a {@link ConnectionClosedException}, or what a function of the application threw.
     */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /**
     * Ends it: closes the connection with 1000 if there is one (RFC 6455 §7.1.2), and makes no more. Does not wait; {@link
     * #ended()} tells when all is done. What waits for a connection stays {@link #unsent()}.
     */
    @Override
    public void close() {
        stop(true);
    }

    /** The client closes, and all its connections. */
    void giveUp() {
        stop(false);
    }

    private void stop(boolean closesSocket) {
        WebSocket open;
        Future<?> attempt;
        boolean isOver;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = socket;
            socket = null;
            attempt = pending;
            isOver = link == null;
        }
        if (isOver) {
            end(null);
            if (attempt != null) {
                attempt.cancel(false);
            }
        } else if (closesSocket && open != null) {
            open.close();
        }
    }
}
