package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One member of a chat room. It says {@code {"type":"say","name":"Ada","text":"hi"}}; a message of another form ends the
 * connection.
 */
final class ChatHandler implements WebSocketHandler {
    private static final int MAX_NAME_CHARS = 40;
    private static final int MAX_TEXT_CHARS = 2000;
    /** Name and text in their longest spelling, six bytes for a char, and some room. */
    private static final int MAX_MESSAGE_BYTES = 16 << 10;

    private static final int BAD_REQUEST = 400;

    private final ChatRooms rooms;
    private final String roomName;
    private @Nullable ChatRoom room;

    ChatHandler(ChatRooms rooms, Handshake handshake) {
        this.rooms = rooms;
        this.roomName = handshake.pathParameter("room");
        if (roomName.length() > MAX_NAME_CHARS) {
            throw new HandshakeException(
                    BAD_REQUEST, "room name is " + roomName.length() + " characters, limit " + MAX_NAME_CHARS);
        }
    }

    @Override
    public void onOpen(WebSocket socket) {
        room = rooms.enter(roomName, socket);
        if (room == null) {
            socket.close(CloseCode.TRY_AGAIN_LATER, "room is full");
        }
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        if (utf8.remaining() > MAX_MESSAGE_BYTES) {
            socket.close(CloseCode.TOO_BIG, "chat message is longer than " + MAX_MESSAGE_BYTES + " bytes");
            return;
        }
        byte[] message = new byte[utf8.remaining()];
        utf8.get(message);
        try {
            say(socket, Json.readStrings(message));
        } catch (IOException e) {
            socket.close(CloseCode.POLICY_VIOLATION, "chat message is no JSON object");
        }
    }

    private void say(WebSocket socket, Map<String, String> message) {
        String name = message.get("name");
        String text = message.get("text");
        if (!"say".equals(message.get("type")) || name == null || text == null) {
            socket.close(CloseCode.POLICY_VIOLATION, "chat message needs type 'say', name and text");
        } else if (name.length() > MAX_NAME_CHARS) {
            socket.close(CloseCode.POLICY_VIOLATION, "name is longer than " + MAX_NAME_CHARS + " characters");
        } else if (text.length() > MAX_TEXT_CHARS) {
            socket.close(CloseCode.POLICY_VIOLATION, "text is longer than " + MAX_TEXT_CHARS + " characters");
        } else if (hasLoneSurrogate(name) || hasLoneSurrogate(text)) {
            socket.close(CloseCode.POLICY_VIOLATION, "name or text has half a surrogate pair");
        } else if (room != null) {
            room.say(name, text);
        }
    }

    /** JSON can spell in escapes what UTF-8 has no bytes for. */
    private static boolean hasLoneSurrogate(String text) {
        return !StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        socket.close(CloseCode.UNSUPPORTED_DATA, "chat messages are text");
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        ChatRoom left = room;
        if (left != null) {
            rooms.leave(left, socket);
        }
    }
}
