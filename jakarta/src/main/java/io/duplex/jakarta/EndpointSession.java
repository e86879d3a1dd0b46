package io.duplex.jakarta;

import io.duplex.CloseCode;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.connection.Connection;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A connection as its endpoint sees it (Jakarta WebSocket §2.1.2). Thread-safe. */
final class EndpointSession implements Session {
    private static final System.Logger LOGGER = System.getLogger(EndpointSession.class.getName());
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final AtomicLong IDS = new AtomicLong();

    private final String id = Long.toHexString(IDS.incrementAndGet());
    private final SessionSetup setup;
    private final SessionOrigin origin;
    private final Map<String, Object> userProperties;
    private final Receivers receivers = new Receivers();
    private final IdleTimer idle;
    private volatile Limits limits = Limits.DEFAULT;
    private volatile int maxBinaryMessageBytes;
    private volatile int maxTextMessageChars;

    private volatile @Nullable Outlet outlet;
    private volatile @Nullable Coders coders;
    private @Nullable BasicRemote basicRemote;
    private @Nullable AsyncRemote asyncRemote;
    /** What the endpoint is told of this side's closing; {@code null} as long as it has not closed. */
    private volatile @Nullable CloseReason closing;
    /** Who has closed it. Written before {@link #closing}. */
    private volatile @Nullable Thread closer;
    /** Whether the endpoint has been told of the end, or is being told. */
    private volatile boolean ended;
    /** Whether it has been told. */
    private final CountDownLatch told = new CountDownLatch(1);

    private volatile Teller teller = here -> {};
    /** Who is told of the end, and may still ask; {@code null} at other times. */
    private volatile @Nullable Thread farewell;

    /** Has the endpoint told that this side has closed. */
    @FunctionalInterface
    interface Teller {
        /**
         * Tells.
         *
         * @param here whether on this thread, if no other one runs a callback
         */
        void tell(boolean here);
    }

    EndpointSession(SessionSetup setup, SessionOrigin origin, Map<String, Object> userProperties) {
        this.setup = setup;
        this.origin = origin;
        this.userProperties = new ConcurrentHashMap<>(userProperties);
        this.idle = new IdleTimer(setup.settings(), setup.settings().maxSessionIdleTimeoutMillis(), this::closeAsIdle);
    }

    // For the connection's side

    void open(WebSocket socket, Teller tellOfClosing) {
        ContainerSettings settings = setup.settings();
        if (socket instanceof Connection connection) {
            limits = connection.limits();
        }
        setMaxBinaryMessageBufferSize(settings.maxBinaryMessageBytes(limits));
        setMaxTextMessageBufferSize(settings.maxTextMessageChars(limits));
        teller = tellOfClosing;
        outlet = new Outlet(socket, settings.blockingSendTimeout());
    }

    /** Has it closed with its container, which may have closed by now, and when it is idle. */
    void register() {
        idle.start();
        ContainerSettings settings = setup.settings();
        settings.sessions().add(this);
        if (ended) {
            idle.stop();
            settings.sessions().remove(this);
        } else if (settings.isClosed()) {
            closeElsewhere(new CloseReason(CloseCodes.GOING_AWAY, "the container is closed"));
        }
    }

    /** Shows it to the others of its endpoint, which has been told of it. */
    void publish() {
        setup.siblings().add(this);
        if (ended || closing != null) {
            setup.siblings().remove(this);
        }
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

    /** Runs a callback, in the same way. */
    void inCallback(Runnable callback) {
        Callbacks.run(this, () -> inContext(callback));
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
        idle.stop();
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
        awaitEnd(PATIENCE_NANOS);
    }

    void awaitEnd(long nanos) {
        try {
            if (!told.await(nanos, TimeUnit.NANOSECONDS)) {
                LOGGER.log(System.Logger.Level.DEBUG, "{0} is closed while its endpoint is busy", this);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /** Something was sent or received. */
    void touch() {
        idle.touch();
    }

    private void closeAsIdle(long millis) {
        String why = "idle for " + millis + " ms";
        // With what §2.1.5 wants to be told.
        CloseReason known = new CloseReason(CloseCodes.CLOSED_ABNORMALLY, why);
        if (beginToClose(new CloseReason(CloseCodes.GOING_AWAY, why), known)) {
            teller.tell(false);
        }
    }

    // What the application sees

    private void requireOpen() {
        if ((ended || closing != null) && !mayStillAsk()) {
            throw new IllegalStateException("session " + id + " is closed");
        }
    }

    /** A callback may to its end, unless it has closed the session itself; that which is told of the end may in any case. */
    private boolean mayStillAsk() {
        Thread caller = Thread.currentThread();
        return caller == farewell || caller != closer && Callbacks.isOf(this);
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
        return idle.limitMillis();
    }

    @Override
    public void setMaxIdleTimeout(long millis) {
        requireOpen();
        idle.limitMillis(millis);
    }

    @Override
    public void setMaxBinaryMessageBufferSize(int length) {
        requireOpen();
        setup.settings().warnAbove(limits, length);
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
        setup.settings().warnAbove(limits, length);
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
        if (beginToClose(why, why)) {
            teller.tell(true);
        }
    }

    /** As {@link #close(CloseReason)}, but runs nothing of the endpoint on this thread, and does not wait for it. */
    void closeElsewhere(CloseReason reason) {
        if (beginToClose(reason, reason)) {
            teller.tell(false);
        }
    }

    /** Begins the closing handshake, once; whether it does. */
    private boolean beginToClose(CloseReason sent, CloseReason known) {
        synchronized (this) {
            if (closing != null || ended) {
                return false;
            }
            closer = Thread.currentThread();
            closing = known;
        }
        idle.stop();
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
        return true;
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
        return setup.siblings().open(this);
    }

    @Override
    public String toString() {
        return "session " + id + " of " + origin.uri().getPath();
    }
}
