package io.duplex.socketio;

import io.duplex.SendStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Some of the sockets of a namespace, to whom an event is sent: each gets it once. Immutable and thread-safe. */
public final class Audience {
    private final Namespace namespace;
    /** {@code null} for all. */
    private final @Nullable Set<String> rooms;

    private final Set<SocketIoSocket> left;

    Audience(Namespace namespace, @Nullable Set<String> rooms, Set<SocketIoSocket> left) {
        this.namespace = namespace;
        this.rooms = rooms;
        this.left = left;
    }

    /** These, and the members of a room. */
    public Audience to(String room) {
        Set<String> more = rooms == null ? new HashSet<>() : new HashSet<>(rooms);
        more.add(room);
        return new Audience(namespace, more, left);
    }

    /** All of these but one. */
    public Audience except(SocketIoSocket socket) {
        Set<SocketIoSocket> more = new HashSet<>(left);
        more.add(socket);
        return new Audience(namespace, rooms, more);
    }

    /**
     * Sends an event, which is encoded once. Each has its own queue: one that is full does not hold up the others.
     *
     * @param arguments as those of {@link SocketIoSocket#emit}
     * @return how many took it
     * @throws IllegalArgumentException if the name is reserved
     */
    public int emit(String name, @Nullable Object... arguments) {
        Supplier<EncodedPacket> packet = namespace.encoded(name, arguments);
        int taken = 0;
        for (SocketIoSocket socket : members()) {
            if (!left.contains(socket) && socket.send(packet.get()) != SendStatus.REFUSED) {
                taken++;
            }
        }
        return taken;
    }

    private Collection<SocketIoSocket> members() {
        if (rooms == null) {
            return namespace.sockets();
        }
        if (rooms.size() == 1) {
            return namespace.members(rooms.iterator().next());
        }
        Set<SocketIoSocket> members = new HashSet<>();
        rooms.forEach(room -> members.addAll(namespace.members(room)));
        return members;
    }
}
