package io.duplex.socketio;

import io.duplex.Handshake;
import io.duplex.SendStatus;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A client in a namespace. Thread-safe. What it is told runs on the event loop of its connection and must not block; what it
 * throws ends the connection with 1011.
 */
public final class SocketIoSocket {
    /** Acknowledgements that one client may owe; more are refused, as one that never answers must not fill the heap. */
    static final int MAX_PENDING_ACKNOWLEDGEMENTS = 10_000;

    private final SocketIoConnection connection;
    private final Namespace namespace;
    private final String id;
    private final @Nullable JsonNode auth;

    private final Map<String, Consumer<? super Event>> handlers = new ConcurrentHashMap<>(4);
    private final Map<Long, CompletableFuture<ArrayNode>> acknowledgements = new ConcurrentHashMap<>(1);
    private final AtomicLong nextId = new AtomicLong();
    private final Set<String> rooms = ConcurrentHashMap.newKeySet(1);
    private final Map<String, Object> attributes = new ConcurrentHashMap<>(1);
    private volatile @Nullable Consumer<? super Event> anyEvent;
    private volatile @Nullable Consumer<? super String> disconnected;
    private volatile boolean connected = true;
    /** What came before the application knew the socket; {@code null} once it does. Guarded by this. */
    private @Nullable Deque<Packet> early = new ArrayDeque<>(0);

    SocketIoSocket(SocketIoConnection connection, Namespace namespace, String id, @Nullable JsonNode auth) {
        this.connection = connection;
        this.namespace = namespace;
        this.id = id;
        this.auth = auth;
    }

    /** Its name in this namespace: random, of 20 characters. It is no secret to the client, and should be one to others. */
    public String id() {
        return id;
    }

    /** Where it is. */
    public Namespace namespace() {
        return namespace;
    }

    /** The opening handshake of the session below. */
    public Handshake handshake() {
        return connection.webSocket().handshake();
    }

    /** Who the peer is; {@code null} if nobody asked. See {@link Handshake#principal()}. */
    public @Nullable Principal principal() {
        return handshake().principal();
    }

    /** What the client gave as {@code auth}; {@code null} if nothing. */
    public @Nullable JsonNode auth() {
        return auth;
    }

    /** Things that the application keeps with it. */
    public Map<String, Object> attributes() {
        return attributes;
    }

    /** Whether it is connected. */
    public boolean isConnected() {
        return connected;
    }

    // Receiving

    /**
     * Has {@code handler} called for each event of a name; a later one takes the place of an earlier one.
     *
     * @throws IllegalArgumentException if the name is reserved
     */
    public SocketIoSocket on(String name, Consumer<? super Event> handler) {
        handlers.put(EventNames.require(name), handler);
        return this;
    }

    /** Has {@code handler} called for each event that no {@link #on} names. Without one, those are dropped. */
    public SocketIoSocket onAny(Consumer<? super Event> handler) {
        anyEvent = handler;
        return this;
    }

    /** Has {@code handler} called once it is disconnected, with the reason as Socket.IO names it. Its rooms are left by then. */
    public SocketIoSocket onDisconnect(Consumer<? super String> handler) {
        disconnected = handler;
        return this;
    }

    void receive(Packet packet) {
        synchronized (this) {
            if (early != null) {
                early.add(packet);
                connection.webSocket().pause(); // until the gate has decided
                return;
            }
        }
        tell(packet);
    }

    /** The application knows the socket. What comes meanwhile goes behind what came before. */
    void takeEarly() {
        while (true) {
            Packet packet;
            synchronized (this) {
                packet = early == null ? null : early.poll();
                if (packet == null) {
                    early = null;
                    connection.webSocket().resume();
                    return;
                }
            }
            tell(packet);
        }
    }

    private void tell(Packet packet) {
        ArrayNode data = (ArrayNode) Objects.requireNonNull(packet.data()); // the decoder has seen to it
        if (packet.type().isEvent()) {
            Event event = new Event(this, data, packet.id());
            Consumer<? super Event> handler = handlers.getOrDefault(event.name(), anyEvent);
            if (handler != null) {
                handler.accept(event);
            }
        } else {
            CompletableFuture<ArrayNode> waiting = acknowledgements.remove(packet.id());
            if (waiting != null) {
                waiting.complete(data);
            }
        }
    }

    // Sending

    /**
     * Sends an event.
     *
     * @param name any but the reserved ones
     * @param arguments what Jackson makes JSON of; {@code byte[]} and {@link java.nio.ByteBuffer}, at any depth, go as binary
     * @return as {@link io.duplex.WebSocket#send(String)}; {@code REFUSED} if it is not connected
     * @throws IllegalArgumentException if the name is reserved
     */
    public SendStatus emit(String name, @Nullable Object... arguments) {
        return send(event(name, Packet.NO_ID, arguments));
    }

    /**
     * Sends an event and waits for the client's answer without blocking.
     *
     * @param timeout above zero
     * @return the arguments of the answer; fails with {@link java.util.concurrent.TimeoutException}, or with {@link
     *     IllegalStateException} if the client disconnects first or owes 10,000 answers
     * @throws IllegalArgumentException if the name is reserved, or the timeout is not above zero
     */
    public CompletableFuture<ArrayNode> emitAndWait(Duration timeout, String name, @Nullable Object... arguments) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout is " + timeout + ", must be above zero");
        }
        CompletableFuture<ArrayNode> answer = new CompletableFuture<>();
        if (acknowledgements.size() >= MAX_PENDING_ACKNOWLEDGEMENTS) {
            answer.completeExceptionally(new IllegalStateException(
                    "the client owes " + MAX_PENDING_ACKNOWLEDGEMENTS + " acknowledgements already"));
            return answer;
        }
        long asked = nextId.getAndIncrement();
        Packet packet = event(name, asked, arguments);
        acknowledgements.put(asked, answer);
        answer.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((data, fault) -> acknowledgements.remove(asked));
        if (send(packet) == SendStatus.REFUSED || !connected) {
            answer.completeExceptionally(new IllegalStateException("the socket is not connected"));
        }
        return answer;
    }

    private Packet event(String name, long asked, @Nullable Object... arguments) {
        return new Packet(PacketType.EVENT, namespace.name(), asked, namespace.event(name, arguments));
    }

    SendStatus send(Packet packet) {
        return connected ? send(EncodedPacket.of(packet, mapper())) : SendStatus.REFUSED;
    }

    SendStatus send(EncodedPacket packet) {
        return connected ? connection.send(packet) : SendStatus.REFUSED;
    }

    // Rooms

    /** Joins a room of the namespace. Does nothing if it is not connected. */
    public void join(String room) {
        namespace.join(this, room);
    }

    /** Leaves a room. */
    public void leave(String room) {
        namespace.leave(this, room);
    }

    /** The rooms that it has joined; a view that changes. */
    public Set<String> rooms() {
        return Collections.unmodifiableSet(rooms);
    }

    Set<String> joined() {
        return rooms;
    }

    /** Those of the namespace that it is not: for events to all others. */
    public Audience others() {
        return namespace.everyone().except(this);
    }

    /** The members of a room but for itself. */
    public Audience to(String room) {
        return namespace.to(room).except(this);
    }

    // The end

    /** Takes it out of the namespace and tells the client. The session below stays for its other namespaces. */
    public void disconnect() {
        if (end("server namespace disconnect")) {
            connection.send(EncodedPacket.of(
                    new Packet(PacketType.DISCONNECT, namespace.name(), Packet.NO_ID, null), mapper()));
            connection.left(this);
        }
    }

    /** Whether its gate has yet to decide. */
    synchronized boolean isUndecided() {
        return early != null;
    }

    /** Returns whether it was connected. */
    boolean end(String reason) {
        synchronized (this) {
            if (!connected) {
                return false;
            }
            connected = false;
        }
        namespace.leaveAll(this);
        acknowledgements
                .values()
                .forEach(waiting ->
                        waiting.completeExceptionally(new IllegalStateException("the socket is not connected")));
        Consumer<? super String> handler = disconnected;
        if (handler != null) {
            handler.accept(reason);
        }
        return true;
    }

    ObjectMapper mapper() {
        return connection.mapper();
    }

    ArrayNode array(@Nullable Object... values) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode(values.length);
        for (Object value : values) {
            array.add(mapper().<JsonNode>valueToTree(value));
        }
        return array;
    }
}
