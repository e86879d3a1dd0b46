package io.duplex.client.w3c;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.ConnectionClosedException;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.WebSocketUri;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code WebSocket} of browsers (WHATWG WebSockets Standard), with its names and meanings.
 *
 * <pre>{@code
 * var socket = new BrowserWebSocket("wss://chat.example/chat/java", "chat.v2");
 * socket.onopen(event -> socket.send("hello"));
 * socket.onmessage(event -> System.out.println(event.data()));
 * socket.onclose(event -> System.out.println(event.code() + " clean=" + event.wasClean()));
 * }</pre>
 *
 * <p>Events of one socket come one after the other: at most one {@code open}; messages; {@code error} if the connection failed
 * or could not be made; one {@code close}, last. They are dispatched on a thread of the {@link Environment}, never on the
 * network's. While a listener takes its time nothing overtakes it, and when too much waits for its event, nothing more is read
 * from the network. What a listener throws is reported to the environment.
 *
 * <p>A socket lives, and keeps the JVM alive, until it is closed, whether or not it is referred to.
 *
 * <p>Thread-safe: every method may be called from any thread.
 */
public final class BrowserWebSocket implements EventTarget {
    /** {@link #readyState()}: the connection is being made. */
    public static final int CONNECTING = 0;
    /** {@link #readyState()}: messages go to and fro. */
    public static final int OPEN = 1;
    /** {@link #readyState()}: the closing handshake is under way, or {@link #close()} was called. */
    public static final int CLOSING = 2;
    /** {@link #readyState()}: the connection has ended, or could not be made. */
    public static final int CLOSED = 3;

    private static final String OPEN_EVENT = "open";
    private static final String MESSAGE_EVENT = "message";
    private static final String ERROR_EVENT = "error";
    private static final String CLOSE_EVENT = "close";
    /** The name of a task that fires no event. */
    private static final String NO_EVENT = "";

    private static final String QUEUE_FULL = "send queue is full";

    private static final WebSocketUri ANY_URI = WebSocketUri.parse("ws://localhost/");

    private final Environment environment;
    private final WebUrl url;
    private final Listeners listeners;
    private final TaskQueue tasks;
    private final Inflow inflow;
    private final BufferedAmount buffered;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** When the constructor was done. */
    private final long madeNanos;

    private volatile int readyState = CONNECTING;
    private volatile BinaryType binaryType = BinaryType.BLOB;
    private volatile String extensions = "";
    private volatile String protocol = "";
    /** Whether it was closed before it was open: a failure to the script, however far the network had come by then. */
    private volatile boolean isGivenUp;
    /** Whether a message could not be queued. */
    private volatile boolean isFull;
    /** {@code null} until it is established. */
    private volatile @Nullable WebSocket connection;
    /** {@code null} until the constructor has begun to connect. */
    private @Nullable CompletableFuture<WebSocket> connecting;

    private volatile @Nullable EventListener<? super Event> onopen;
    private volatile @Nullable EventListener<? super MessageEvent> onmessage;
    private volatile @Nullable EventListener<? super Event> onerror;
    private volatile @Nullable EventListener<? super CloseEvent> onclose;

    /**
     * Begins to connect, in the default {@link Environment}, and returns at once.
     *
     * @param url absolute: {@code ws} or {@code wss}, or {@code http} or {@code https}, which stand for them; a name and a
     *     password in it are sent as Authorization
     * @param protocols the subprotocols to offer, the preferred one first; the connection fails if the server takes none of them
     * @throws DomException SyntaxError if the URL is none of those or has a fragment, or if a subprotocol is no token or stands
     *     there twice
     */
    public BrowserWebSocket(String url, String... protocols) {
        this(Environment.shared(), url, protocols);
    }

    /**
     * Begins to connect, and returns at once.
     *
     * @param url as above, or relative if the environment has a base URL
     * @param protocols as above
     * @throws DomException SyntaxError as above
     * @throws IllegalStateException if the environment or its client is closed
     */
    public BrowserWebSocket(Environment environment, String url, String... protocols) {
        this.environment = environment;
        this.url = WebUrlParser.parseWebSocket(url, environment.baseUrl());
        List<String> subprotocols = requireSubprotocols(protocols);
        listeners = new Listeners(this, environment::reportUncaught);
        tasks = new TaskQueue(environment.executor(), this::patience, this::onRefused);
        inflow = new Inflow(environment.maxWaitingBytes());
        buffered = new BufferedAmount(settling -> tasks.post(NO_EVENT, settling));
        environment.enter(this);
        try {
            begin(environment.connect(this.url, subprotocols, new Wire()));
        } catch (RuntimeException e) {
            environment.leave(this);
            throw e;
        }
        madeNanos = System.nanoTime();
        tasks.start();
    }

    private static List<String> requireSubprotocols(String... names) {
        List<String> offered = List.of(names);
        try {
            // For its check alone.
            ClientHandshake.builder(ANY_URI).subprotocols(offered);
        } catch (IllegalArgumentException e) {
            throw DomException.syntax(String.valueOf(e.getMessage()));
        }
        return offered;
    }

    /** Takes the attempt to connect, which may have come to its end already. */
    void begin(CompletableFuture<WebSocket> attempt) {
        attempt.whenComplete((established, failure) -> {
            if (failure != null) {
                onNotConnected(failure);
            }
        });
        synchronized (this) {
            connecting = attempt;
        }
        if (readyState >= CLOSING && connection == null) {
            end(attempt, BrowserWebSocket::leave);
        }
    }

    // Attributes

    /** The URL, serialized: absolute, and with {@code ws} or {@code wss}. */
    public String url() {
        return url.toString();
    }

    /** {@link #CONNECTING}, {@link #OPEN}, {@link #CLOSING} or {@link #CLOSED}. It only grows. */
    public int readyState() {
        WebSocket established = connection;
        // The state first: what came before the server's Close frame has been queued by then.
        if (readyState == OPEN
                && established != null
                && established.readyState() != ReadyState.OPEN
                && tasks.isIdle()) {
            moveTo(CLOSING);
        }
        return readyState;
    }

    /**
     * Bytes given to {@code send} that the operating system has yet to take: those of UTF-8 for text, without framing; a message
     * counts until its last byte is gone. It becomes smaller in a task of its own, between events. What is sent when the
     * connection is not open any more adds to it for good.
     */
    public long bufferedAmount() {
        return buffered.bytes();
    }

    /** What was agreed on in Sec-WebSocket-Extensions; empty before {@code open}, and if nothing was. */
    public String extensions() {
        return extensions;
    }

    /** The subprotocol that the server chose; empty before {@code open}, and if none was offered. */
    public String protocol() {
        return protocol;
    }

    /** As what binary messages are delivered. Default {@link BinaryType#BLOB}. */
    public BinaryType binaryType() {
        return binaryType;
    }

    /** Sets as what binary messages are delivered from now on, also those that have come but wait for their event. */
    public void binaryType(BinaryType type) {
        binaryType = type;
    }

    // Sending

    /**
     * Sends a text message. Lone surrogates are sent as U+FFFD. Never blocks. When more waits to be sent than the client allows
     * ({@link io.duplex.Limits#maxQueueBytes}), the connection ends with {@code error} and {@code close}, also where the client
     * would drop a message. When it is not open any more, only {@link #bufferedAmount()} grows.
     *
     * @throws DomException InvalidStateError if the connection is still being made
     */
    public void send(String data) {
        transmit(UsvString.utf8Bytes(data), established -> established.sendAsync(data));
    }

    /** Sends a binary message. As {@link #send(String)}. */
    public void send(Blob data) {
        transmit(data.size(), established -> established.sendAsync(data.buffer()));
    }

    /**
     * Sends a binary message: a copy of the bytes from position to limit, which are not consumed. As {@link #send(String)}.
     */
    public void send(ByteBuffer data) {
        transmit(data.remaining(), established -> established.sendAsync(data.duplicate()));
    }

    /** Sends a binary message, a copy of the bytes. As {@link #send(String)}. */
    public void send(byte[] data) {
        transmit(data.length, established -> established.sendAsync(ByteBuffer.wrap(data)));
    }

    private void transmit(long bytes, Function<WebSocket, CompletableFuture<Void>> sending) {
        WebSocket established = connection;
        int state = readyState;
        if (state == CONNECTING) {
            throw DomException.invalidState("the connection is still being made");
        }
        buffered.add(bytes);
        if (state == OPEN && established != null) {
            sending.apply(established).whenComplete((nothing, failure) -> {
                if (failure == null) {
                    buffered.remove(bytes);
                } else if (!(failure instanceof ConnectionClosedException)) {
                    // The client's policy has dropped it, which the standard does not know.
                    isFull = true;
                    established.close(CloseCode.TRY_AGAIN_LATER, QUEUE_FULL);
                }
            });
        }
    }

    // Closing

    /**
     * Begins the closing handshake, behind all that was sent, with a Close frame that has no code; a connection that is still
     * being made fails. Messages that come from now on are dropped. Does nothing if that was begun already.
     */
    public void close() {
        close(WebSocket::closeWithoutStatus);
    }

    /**
     * As {@link #close()}, with a code.
     *
     * @param code 1000, or 3000 to 4999
     * @throws DomException InvalidAccessError if it is another
     */
    public void close(int code) {
        close(code, "");
    }

    /**
     * As {@link #close()}, with a code and a reason.
     *
     * @param code 1000, or 3000 to 4999
     * @param reason at most 123 bytes of UTF-8 (bytes, not chars); lone surrogates become U+FFFD
     * @throws DomException InvalidAccessError if the code is another; SyntaxError if the reason is too long
     */
    public void close(int code, String reason) {
        if (code != CloseCode.NORMAL && (code < 3000 || code > 4999)) {
            throw DomException.invalidAccess("close code is " + code + ", must be 1000 or 3000 to 4999");
        }
        long bytes = UsvString.utf8Bytes(reason);
        if (bytes > CloseStatus.MAX_REASON_BYTES) {
            throw DomException.syntax("close reason is " + bytes + " bytes, limit " + CloseStatus.MAX_REASON_BYTES);
        }
        close(established -> established.close(code, UsvString.of(reason)));
    }

    /** Closes as a browser does that leaves the page. */
    void disappear() {
        close(BrowserWebSocket::leave);
    }

    private static void leave(WebSocket established) {
        established.close(CloseCode.GOING_AWAY, "");
    }

    private void close(Consumer<WebSocket> handshake) {
        CompletableFuture<WebSocket> attempt = null;
        WebSocket established = null;
        synchronized (this) {
            if (readyState < CLOSING) {
                isGivenUp = readyState == CONNECTING;
                established = connection;
                attempt = connecting;
            }
            moveTo(CLOSING);
        }
        if (established != null) {
            handshake.accept(established);
        } else if (attempt != null) {
            end(attempt, handshake);
        }
    }

    /** Has an attempt fail; if it has just been successful, the server is told. */
    private static void end(CompletableFuture<WebSocket> attempt, Consumer<WebSocket> handshake) {
        if (!attempt.cancel(false)) {
            attempt.thenAccept(handshake);
        }
    }

    /** States that lie behind are not come back to. */
    private synchronized void moveTo(int state) {
        readyState = Math.max(readyState, state);
    }

    // What comes from the network

    /** The connection, on its event loop. */
    private final class Wire implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            connection = socket;
            tasks.post(OPEN_EVENT, () -> opened(socket));
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            byte[] content = new byte[utf8.remaining()];
            utf8.get(content);
            String text = new String(content, StandardCharsets.UTF_8);
            arrived(socket, content.length, () -> text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            byte[] content = new byte[payload.remaining()];
            payload.get(content);
            arrived(socket, content.length, () -> binaryData(content));
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            if (isGivenUp) {
                onGivenUp();
                return;
            }
            boolean isFailure = !outcome.clean() || outcome.closedBy() == ClosedBy.LIMIT || isFull;
            CloseStatus status = outcome.status();
            end(
                    isFailure ? url.origin() + ": " + (isFull ? QUEUE_FULL : outcome.detail()) : null,
                    new CloseEvent(CLOSE_EVENT, outcome.clean(), status.code(), status.reason()));
        }
    }

    private void arrived(WebSocket socket, int bytes, Supplier<Object> data) {
        inflow.came(socket, bytes);
        tasks.post(MESSAGE_EVENT, () -> {
            inflow.went(socket, bytes);
            if (readyState == OPEN) {
                fire(new MessageEvent(MESSAGE_EVENT, data.get(), url.origin()));
            }
        });
    }

    private Object binaryData(byte[] content) {
        return binaryType == BinaryType.BLOB ? Blob.owning(content) : ByteBuffer.wrap(content);
    }

    private void onNotConnected(Throwable failure) {
        if (failure instanceof CancellationException) {
            onGivenUp();
            return;
        }
        Throwable cause = failure.getCause();
        endWithout(failure.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")"));
    }

    private void onGivenUp() {
        endWithout(url.origin() + ": closed before it was open");
    }

    /** The end of what has never been open. */
    private void endWithout(String failure) {
        end(failure, new CloseEvent(CLOSE_EVENT, false, CloseCode.ABNORMAL, ""));
    }

    /**
     * The end. It may come on two ways at once, when an attempt is given up that has just been successful.
     *
     * @param failure {@code null} if the connection has not failed
     */
    private void end(@Nullable String failure, CloseEvent event) {
        if (ended.compareAndSet(false, true)) {
            if (failure != null) {
                environment.logFailure(failure);
            }
            tasks.post(CLOSE_EVENT, () -> closed(failure != null, event));
        }
    }

    // Tasks

    private void opened(WebSocket socket) {
        synchronized (this) {
            if (readyState != CONNECTING) {
                return;
            }
            extensions = socket.handshake().extensions();
            String chosen = socket.subprotocol();
            protocol = chosen == null ? "" : chosen;
            readyState = OPEN;
        }
        fire(new Event(OPEN_EVENT));
    }

    private void closed(boolean isFailure, CloseEvent event) {
        moveTo(CLOSED);
        if (isFailure) {
            fire(new Event(ERROR_EVENT));
        }
        fire(event);
        environment.leave(this);
    }

    private void fire(Event event) {
        listeners.dispatch(event, true);
    }

    /** How long an event is to wait for its first listener. */
    private long patience(String eventType) {
        long nanos = environment.listenerGraceNanos() - (System.nanoTime() - madeNanos);
        return nanos <= 0 || eventType.equals(NO_EVENT) || listeners.has(eventType) ? 0 : nanos;
    }

    private void onRefused(RejectedExecutionException refusal) {
        moveTo(CLOSED);
        WebSocket established = connection;
        if (established != null) {
            established.abort();
        }
        environment.leave(this);
        environment.reportUncaught(refusal);
    }

    // Events

    /** The event handler of {@code open}; {@code null} if there is none. */
    public @Nullable EventListener<? super Event> onopen() {
        return onopen;
    }

    /**
     * Sets the event handler of {@code open}: the connection is established.
     *
     * @param handler {@code null} for none
     */
    public synchronized void onopen(@Nullable EventListener<? super Event> handler) {
        onopen = handler;
        handle(OPEN_EVENT, Event.class, handler);
    }

    /** The event handler of {@code message}; {@code null} if there is none. */
    public @Nullable EventListener<? super MessageEvent> onmessage() {
        return onmessage;
    }

    /**
     * Sets the event handler of {@code message}.
     *
     * @param handler {@code null} for none
     */
    public synchronized void onmessage(@Nullable EventListener<? super MessageEvent> handler) {
        onmessage = handler;
        handle(MESSAGE_EVENT, MessageEvent.class, handler);
    }

    /** The event handler of {@code error}; {@code null} if there is none. */
    public @Nullable EventListener<? super Event> onerror() {
        return onerror;
    }

    /**
     * Sets the event handler of {@code error}: the connection has failed, or could not be made. Why is not told, only logged.
     *
     * @param handler {@code null} for none
     */
    public synchronized void onerror(@Nullable EventListener<? super Event> handler) {
        onerror = handler;
        handle(ERROR_EVENT, Event.class, handler);
    }

    /** The event handler of {@code close}; {@code null} if there is none. */
    public @Nullable EventListener<? super CloseEvent> onclose() {
        return onclose;
    }

    /**
     * Sets the event handler of {@code close}: the connection has ended, or could not be made.
     *
     * @param handler {@code null} for none
     */
    public synchronized void onclose(@Nullable EventListener<? super CloseEvent> handler) {
        onclose = handler;
        handle(CLOSE_EVENT, CloseEvent.class, handler);
    }

    /** An event of another class can only be one that the application dispatches: that is not for the handler. */
    private <E extends Event> void handle(String type, Class<E> events, @Nullable EventListener<? super E> handler) {
        if (handler == null) {
            listeners.handler(type, null);
            return;
        }
        listeners.handler(type, event -> {
            if (events.isInstance(event)) {
                handler.handleEvent(events.cast(event));
            }
        });
        tasks.wake();
    }

    @Override
    public void addEventListener(
            String type, @Nullable EventListener<? super Event> listener, ListenerOption... options) {
        if (listener != null) {
            listeners.add(type, listener, options);
            tasks.wake();
        }
    }

    @Override
    public void removeEventListener(
            String type, @Nullable EventListener<? super Event> listener, ListenerOption... options) {
        if (listener != null) {
            listeners.remove(type, listener, options);
        }
    }

    @Override
    public boolean dispatchEvent(Event event) {
        listeners.dispatch(event, false);
        return !event.defaultPrevented();
    }
}
