package io.duplex.cli;

import io.duplex.WebSocket;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The chat rooms that somebody is in. Thread-safe. */
final class ChatRooms {
    private final Map<String, ChatRoom> rooms = new HashMap<>();

    /** Brings a socket into a room, which comes to be with its first member; {@code null} if the room is full. */
    synchronized @Nullable ChatRoom enter(String name, WebSocket socket) {
        ChatRoom room = rooms.computeIfAbsent(name, ChatRoom::new);
        return room.enter(socket) ? room : null;
    }

    /** Takes a socket out of its room, which ceases to be with its last member. */
    synchronized void leave(ChatRoom room, WebSocket socket) {
        if (room.leave(socket) == 0) {
            rooms.remove(room.name());
        }
    }
}
