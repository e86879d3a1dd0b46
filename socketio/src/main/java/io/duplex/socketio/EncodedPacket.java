package io.duplex.socketio;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A packet as messages: a text and, behind it, one binary message for each attachment. Immutable and thread-safe, so that one
 * goes to many.
 *
 * @param text of the packet
 * @param attachments in order
 */
record EncodedPacket(String text, List<byte[]> attachments) {
    static EncodedPacket of(Packet packet, ObjectMapper mapper) {
        JsonNode data = packet.data();
        List<byte[]> attachments = List.of();
        PacketType type = packet.type();
        if (data != null && (type.isEvent() || type.isAck())) {
            attachments = new ArrayList<>(0);
            data = Attachments.takeOut(data, attachments);
            if (!attachments.isEmpty()) {
                type = type.isEvent() ? PacketType.BINARY_EVENT : PacketType.BINARY_ACK;
            }
        }
        return new EncodedPacket(text(type, packet, attachments.size(), data, mapper), attachments);
    }

    private static String text(
            PacketType type, Packet packet, int attachments, @Nullable JsonNode data, ObjectMapper mapper) {
        StringBuilder text = new StringBuilder().append(type.digit());
        if (type.isBinary()) {
            text.append(attachments).append('-');
        }
        if (!packet.namespace().equals(Packet.ROOT)) {
            text.append(packet.namespace()).append(',');
        }
        if (packet.id() != Packet.NO_ID) {
            text.append(packet.id());
        }
        if (data != null) {
            text.append(mapper.writeValueAsString(data));
        }
        return text.toString();
    }
}
