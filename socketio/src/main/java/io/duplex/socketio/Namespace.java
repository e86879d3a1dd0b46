package io.duplex.socketio;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Sockets that share a name, handlers and rooms. Thread-safe. */
public final class Namespace {
    private final String name;
    private final ObjectMapper mapper;
    private final Consumer<? super SocketIoSocket> connected;
    private final @Nullable Function<? super SocketIoSocket, ? extends CompletionStage<?>> gate;

    private final Set<SocketIoSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<SocketIoSocket>> rooms = new ConcurrentHashMap<>();

    Namespace(
            String name,
            ObjectMapper mapper,
            Consumer<? super SocketIoSocket> connected,
            @Nullable Function<? super SocketIoSocket, ? extends CompletionStage<?>> gate) {
        this.name = name;
        this.mapper = mapper;
        this.connected = connected;
        this.gate = gate;
    }

    /** Begins with a slash. */
    public String name() {
        return name;
    }

    /** Those that are connected; a view that changes. */
    public Collection<SocketIoSocket> sockets() {
        return Collections.unmodifiableSet(sockets);
    }

    /** All sockets, to send to. */
    public Audience everyone() {
        return new Audience(this, null, Set.of());
    }

    /** The members of a room, to send to; more rooms can be added. */
    public Audience to(String room) {
        return new Audience(this, Set.of(room), Set.of());
    }

    /** Sends an event to all; see {@link Audience#emit}. */
    public int emit(String event, @Nullable Object... arguments) {
        return everyone().emit(event, arguments);
    }

    // What sockets need

    @Nullable CompletionStage<?> ask(SocketIoSocket socket) {
        return gate == null ? null : gate.apply(socket);
    }

    void enter(SocketIoSocket socket) {
        sockets.add(socket);
    }

    void tellConnected(SocketIoSocket socket) {
        connected.accept(socket);
    }

    void join(SocketIoSocket socket, String room) {
        // Under the socket's lock: one that ends meanwhile must not be left behind.
        synchronized (socket) {
            if (socket.isConnected() && socket.joined().add(room)) {
                rooms.compute(room, (key, members) -> {
                    Set<SocketIoSocket> grown = members == null ? ConcurrentHashMap.newKeySet() : members;
                    grown.add(socket);
                    return grown;
                });
            }
        }
    }

    void leave(SocketIoSocket socket, String room) {
        synchronized (socket) {
            if (socket.joined().remove(room)) {
                rooms.computeIfPresent(room, (key, members) -> {
                    members.remove(socket);
                    return members.isEmpty() ? null : members;
                });
            }
        }
    }

    void leaveAll(SocketIoSocket socket) {
        sockets.remove(socket);
        for (String room : Set.copyOf(socket.joined())) {
            leave(socket, room);
        }
    }

    Set<SocketIoSocket> members(String room) {
        return rooms.getOrDefault(room, Set.of());
    }

    ArrayNode event(String event, @Nullable Object... arguments) {
        ArrayNode data = JsonNodeFactory.instance.arrayNode(arguments.length + 1);
        data.add(EventNames.require(event));
        for (Object argument : arguments) {
            data.add(mapper.<JsonNode>valueToTree(argument));
        }
        return data;
    }

    /** Encodes once, and only if somebody is there. */
    Supplier<EncodedPacket> encoded(String event, @Nullable Object... arguments) {
        Packet packet = new Packet(PacketType.EVENT, name, Packet.NO_ID, event(event, arguments));
        return new Supplier<>() {
            private @Nullable EncodedPacket encoded;

            @Override
            public EncodedPacket get() {
                EncodedPacket ready = encoded;
                if (ready == null) {
                    ready = EncodedPacket.of(packet, mapper);
                    encoded = ready;
                }
                return ready;
            }
        };
    }
}
