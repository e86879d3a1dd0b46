package io.duplex.jakarta;

import io.duplex.CloseCode;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A connection as its endpoint sees it (Jakarta WebSocket §2.1.2). Thread-safe. */
final class EndpointSession implements Session {
    private static final System.Logger LOGGER = System.getLogger(EndpointSession.class.getName());
    private static final long PATIENCE_MILLIS = 100;
    private static final AtomicLong IDS = new AtomicLong();

    private final String id = Long.toHexString(IDS.incrementAndGet());
    private final SessionSetup setup;
    private final SessionOrigin origin;
    private final Map<String, Object> userProperties;
    private final Receivers receivers = new Receivers();
    private volatile int maxBinaryMessageBytes;
    private volatile int maxTextMessageChars;
    private volatile long maxIdleTimeoutMillis;
    private volatile long lastActiveNanos;

    private volatile @Nullable Outlet outlet;
    private volatile @Nullable Coders coders;
    private @Nullable BasicRemote basicRemote;
    private @Nullable AsyncRemote asyncRemote;
    /** What the endpoint is told of this side's closing; {@code null} as long as it has not closed. */
    private volatile @Nullable CloseReason closing;
    /** Whether the endpoint has been told of the end, or is being told. */
    private volatile boolean ended;
    /** Whether it has been told. */
    private final CountDownLatch told = new CountDownLatch(1);
    /** Has the endpoint told that this side has closed. */
    private volatile Runnable whenClosing = () -> {};
    /** Who is told of the end, and may still ask; {@code null} at other times. */
    private volatile @Nullable Thread farewell;

    EndpointSession(SessionSetup setup, SessionOrigin origin, Map<String, Object> userProperties) {
        this.setup = setup;
        this.origin = origin;
        this.userProperties = new ConcurrentHashMap<>(userProperties);
        this.maxBinaryMessageBytes = setup.settings().maxBinaryMessageBytes();
        this.maxTextMessageChars = setup.settings().maxTextMessageChars();
        this.maxIdleTimeoutMillis = setup.settings().maxSessionIdleTimeoutMillis();
    }

    // For the connection's side

    void open(WebSocket socket, Runnable tellOfClosing) {
        whenClosing = tellOfClosing;
        outlet = new Outlet(socket, setup.settings().blockingSendTimeout());
        setup.siblings().add(this);
        setup.settings().sessions().add(this);
        watchIdle();
    }

    SessionSetup setup() {
        return setup;
    }

    SessionOrigin origin() {
        return origin;
    }

    Receivers receivers() {
        return receivers;
    }

    EndpointConfig config() {
        return setup.config();
    }

    Executor executor() {
        return setup.settings().executor();
    }

    void coders(Coders made) {
        coders = made;
    }

    Coders coders() {
        return Objects.requireNonNull(coders, "session is not open yet");
    }

    @Nullable Coders codersIfAny() {
        return coders;
    }

    Outlet outlet() {
        return Objects.requireNonNull(outlet, "session is not open yet");
    }

    @Nullable CloseReason closing() {
        return closing;
    }

    Coders.@Nullable Encoding encodingOf(Object data) {
        return coders().encodingOf(data.getClass());
    }

    /** Runs what calls the application, with its class loader. */
    void inContext(Runnable task) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(setup.classLoader());
        try {
            task.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Tells the endpoint of a fault. */
    void fail(Throwable fault) {
        boolean isCarried = fault instanceof AnnotatedEndpoint.CallbackException && fault.getCause() != null;
        try {
            setup.endpoint().onError(this, isCarried ? fault.getCause() : fault);
        } catch (Throwable another) {
            LOGGER.log(System.Logger.Level.ERROR, "onError of " + setup.endpoint() + " threw", another);
        }
    }

    /** Ends it, once: tells the endpoint, which may ask what it likes meanwhile. */
    void end(CloseReason reason) {
        if (ended) {
            return;
        }
        ended = true;
        setup.siblings().remove(this);
        setup.settings().sessions().remove(this);
        farewell = Thread.currentThread();
        try {
            setup.endpoint().onClose(this, reason);
        } catch (Throwable fault) {
            fail(fault);
        } finally {
            farewell = null;
            told.countDown();
        }
        Coders made = coders;
        if (made != null) {
            made.destroy();
        }
    }

    /**
     * Waits a little for the endpoint to be told, as it mostly is by the time that a close returns elsewhere; not for long, as what
     * it does now may wait for the caller.
     */
    void awaitEnd() {
        try {
            if (!told.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOGGER.log(System.Logger.Level.DEBUG, "{0} is closed while its endpoint is busy", this);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean hasEnded() {
        return ended;
    }

    // Idleness

    /** Something was sent or received. */
    void touch() {
        if (maxIdleTimeoutMillis > 0) {
            lastActiveNanos = System.nanoTime();
        }
    }

    private void watchIdle() {
        if (maxIdleTimeoutMillis > 0) {
            lastActiveNanos = System.nanoTime();
            checkLater(TimeUnit.MILLISECONDS.toNanos(maxIdleTimeoutMillis));
        }
    }

    private void checkLater(long nanos) {
        if (outlet != null) {
            setup.settings().later(this::checkIdle, nanos);
        }
    }

    private void checkIdle() {
        long limitNanos = TimeUnit.MILLISECONDS.toNanos(maxIdleTimeoutMillis);
        if (limitNanos <= 0 || !isOpen()) {
            return;
        }
        long leftNanos = limitNanos - (System.nanoTime() - lastActiveNanos);
        if (leftNanos > 0) {
            checkLater(leftNanos);
        } else {
            String why = "idle for " + maxIdleTimeoutMillis + " ms";
            // Elsewhere, as the endpoint may take its time; with what §2.1.5 wants to be told.
            executor()
                    .execute(() -> close(
                            new CloseReason(CloseCodes.GOING_AWAY, why),
                            new CloseReason(CloseCodes.CLOSED_ABNORMALLY, why)));
        }
    }

    // What the application sees

    private void requireOpen() {
        if ((ended || closing != null) && Thread.currentThread() != farewell) {
            throw new IllegalStateException("session " + id + " is closed");
        }
    }

    @Override
    public WebSocketContainer getContainer() {
        requireOpen();
        return setup.container();
    }

    @Override
    public void addMessageHandler(MessageHandler handler) {
        requireOpen();
        receivers.add(BasicRemote.required(handler, "handler"), coders());
    }

    @Override
    public <T> void addMessageHandler(Class<T> type, MessageHandler.Whole<T> handler) {
        requireOpen();
        receivers.addWhole(BasicRemote.required(type, "class"), BasicRemote.required(handler, "handler"), coders());
    }

    @Override
    public <T> void addMessageHandler(Class<T> type, MessageHandler.Partial<T> handler) {
        requireOpen();
        receivers.addPartial(BasicRemote.required(type, "class"), BasicRemote.required(handler, "handler"));
    }

    @Override
    public Set<MessageHandler> getMessageHandlers() {
        requireOpen();
        return receivers.handlers();
    }

    @Override
    public void removeMessageHandler(MessageHandler handler) {
        requireOpen();
        receivers.remove(BasicRemote.required(handler, "handler"));
    }

    @Override
    public String getProtocolVersion() {
        requireOpen();
        return "13";
    }

    @Override
    public String getNegotiatedSubprotocol() {
        requireOpen();
        String subprotocol = outlet().socket().subprotocol();
        return subprotocol == null ? "" : subprotocol;
    }

    @Override
    public List<Extension> getNegotiatedExtensions() {
        requireOpen();
        String agreed = outlet().socket().handshake().extensions();
        return agreed.isEmpty() ? List.of() : List.copyOf(NamedExtension.parse(List.of(agreed)));
    }

    @Override
    public boolean isSecure() {
        requireOpen();
        return origin.isSecure();
    }

    /** Until this side closes, or the endpoint has been told that the other side has. */
    @Override
    public boolean isOpen() {
        return closing == null && told.getCount() > 0 && outlet != null && Thread.currentThread() != farewell;
    }

    /** Whether messages can be sent now. */
    boolean takesMessages() {
        Outlet present = outlet;
        return isOpen() && present != null && present.socket().readyState() == ReadyState.OPEN;
    }

    @Override
    public long getMaxIdleTimeout() {
        requireOpen();
        return maxIdleTimeoutMillis;
    }

    @Override
    public void setMaxIdleTimeout(long millis) {
        requireOpen();
        maxIdleTimeoutMillis = millis;
        watchIdle();
    }

    @Override
    public void setMaxBinaryMessageBufferSize(int length) {
        requireOpen();
        maxBinaryMessageBytes = length;
    }

    @Override
    public int getMaxBinaryMessageBufferSize() {
        requireOpen();
        return maxBinaryMessageBytes;
    }

    @Override
    public void setMaxTextMessageBufferSize(int length) {
        requireOpen();
        maxTextMessageChars = length;
    }

    @Override
    public int getMaxTextMessageBufferSize() {
        requireOpen();
        return maxTextMessageChars;
    }

    /** Bytes or chars of a whole message of that kind, whether the session is open or not. */
    int maxMessageSize(boolean text) {
        return text ? maxTextMessageChars : maxBinaryMessageBytes;
    }

    @Override
    public synchronized RemoteEndpoint.Async getAsyncRemote() {
        requireOpen();
        AsyncRemote remote = asyncRemote;
        if (remote == null) {
            remote = new AsyncRemote(this, outlet(), setup.settings().asyncSendTimeoutMillis());
            asyncRemote = remote;
        }
        return remote;
    }

    @Override
    public synchronized RemoteEndpoint.Basic getBasicRemote() {
        requireOpen();
        BasicRemote remote = basicRemote;
        if (remote == null) {
            remote = new BasicRemote(this, outlet());
            basicRemote = remote;
        }
        return remote;
    }

    /** Known as long as there is somebody to ask, be it for a log. */
    @Override
    public String getId() {
        return id;
    }

    @Override
    public void close() {
        close(new CloseReason(CloseCodes.NORMAL_CLOSURE, null));
    }

    @Override
    public void close(@Nullable CloseReason reason) {
        CloseReason why = reason == null ? new CloseReason(CloseCodes.NO_STATUS_CODE, null) : reason;
        close(why, why);
    }

    private void close(CloseReason sent, CloseReason known) {
        synchronized (this) {
            if (closing != null || ended) {
                return;
            }
            closing = known;
        }
        setup.siblings().remove(this);
        WebSocket socket = outlet().socket();
        int code = sent.getCloseCode().getCode();
        if (CloseCode.isValidInFrame(code)) {
            String phrase = sent.getReasonPhrase();
            socket.close(code, phrase == null ? "" : phrase);
        } else if (code == CloseCode.ABNORMAL) {
            socket.abort();
        } else {
            socket.closeWithoutStatus();
        }
        whenClosing.run();
    }

    @Override
    public URI getRequestURI() {
        requireOpen();
        return origin.uri();
    }

    @Override
    public Map<String, List<String>> getRequestParameterMap() {
        requireOpen();
        return origin.parameters();
    }

    @Override
    public @Nullable String getQueryString() {
        requireOpen();
        return origin.query();
    }

    @Override
    public Map<String, String> getPathParameters() {
        requireOpen();
        return origin.pathParameters();
    }

    @Override
    public Map<String, Object> getUserProperties() {
        requireOpen();
        return userProperties;
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        requireOpen();
        return origin.principal();
    }

    @Override
    public Set<Session> getOpenSessions() {
        requireOpen();
        return setup.siblings().open();
    }

    @Override
    public String toString() {
        return "session " + id + " of " + origin.uri().getPath();
    }
}
