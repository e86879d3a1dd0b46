package io.duplex.socketio;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** An event that came from a client. Thread-safe; its arguments are not to be changed. */
public final class Event {
    private final SocketIoSocket socket;
    private final String name;
    private final ArrayNode data;
    private final long id;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** @param data name and arguments */
    Event(SocketIoSocket socket, ArrayNode data, long id) {
        this.socket = socket;
        this.name = data.get(0).asString();
        this.data = data;
        this.id = id;
    }

    /** The socket that it came on. */
    public SocketIoSocket socket() {
        return socket;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** How many arguments it has. */
    public int size() {
        return data.size() - 1;
    }

    /**
     * An argument, binary ones as {@link tools.jackson.databind.node.BinaryNode}.
     *
     * @param index from 0 on
     * @return a missing node if there are not so many; see {@link JsonNode#isMissingNode}
     */
    public JsonNode argument(int index) {
        return index < 0 ? data.path(-1) : data.path(index + 1);
    }

    /**
     * An argument as an object of a class.
     *
     * @param index from 0 on
     * @return {@code null} if it is missing or JSON's null
     * @throws tools.jackson.core.JacksonException if it does not fit; thrown on by the handler, it is the client's fault
     */
    public <T> @Nullable T argument(int index, Class<T> type) {
        JsonNode argument = argument(index);
        return argument.isMissingNode() || argument.isNull()
                ? null
                : socket.mapper().treeToValue(argument, type);
    }

    /** Whether the client waits for {@link #acknowledge}. */
    public boolean wantsAcknowledgement() {
        return id != Packet.NO_ID && !answered.get();
    }

    /**
     * Answers, once; a second answer and one that nobody waits for are dropped.
     *
     * @param arguments as those of {@link SocketIoSocket#emit}
     */
    public void acknowledge(@Nullable Object... arguments) {
        if (id != Packet.NO_ID && answered.compareAndSet(false, true)) {
            socket.send(new Packet(PacketType.ACK, socket.namespace().name(), id, socket.array(arguments)));
        }
    }
}
