package io.duplex.socketio;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads the packets of one peer from its messages. Confined to one thread at a time. */
final class PacketDecoder {
    private final ObjectMapper mapper;
    private final int maxAttachments;
    private final long maxAttachmentBytes;

    /** The packet whose attachments are to come; {@code null} if there is none. */
    private @Nullable Packet incomplete;

    private int missing;
    private long bytes;
    private List<byte[]> attachments = List.of();

    /**
     * Creates a decoder.
     *
     * @param maxAttachments of one packet
     * @param maxAttachmentBytes of one packet, together
     */
    PacketDecoder(ObjectMapper mapper, int maxAttachments, long maxAttachmentBytes) {
        this.mapper = mapper;
        this.maxAttachments = maxAttachments;
        this.maxAttachmentBytes = maxAttachmentBytes;
    }

    /**
     * Takes a text message.
     *
     * @return {@code null} if attachments are to follow
     */
    @Nullable Packet text(String message) throws PacketFault {
        if (incomplete != null) {
            throw new PacketFault("a text came where an attachment was due");
        }
        Cursor cursor = new Cursor(message);
        PacketType type = cursor.type();
        int count = type.isBinary() ? cursor.attachments() : 0;
        if (count > maxAttachments) {
            throw new PacketFault("a packet has " + count + " attachments, limit " + maxAttachments);
        }
        Packet packet = new Packet(type, cursor.namespace(), cursor.id(), read(cursor.rest()));
        check(packet);
        if (count == 0) {
            return type.isBinary() ? complete(packet, List.of()) : packet;
        }
        incomplete = packet;
        missing = count;
        bytes = 0;
        attachments = new ArrayList<>(count);
        return null;
    }

    /**
     * Takes a binary message.
     *
     * @return {@code null} if more attachments are to follow
     */
    @Nullable Packet binary(ByteBuffer message) throws PacketFault {
        Packet packet = incomplete;
        if (packet == null) {
            throw new PacketFault("a binary message came that no packet announced");
        }
        bytes += message.remaining();
        if (bytes > maxAttachmentBytes) {
            throw new PacketFault("attachments of a packet are longer than " + maxAttachmentBytes + " bytes");
        }
        byte[] attachment = new byte[message.remaining()];
        message.get(attachment);
        attachments.add(attachment);
        if (--missing > 0) {
            return null;
        }
        incomplete = null;
        List<byte[]> all = attachments;
        attachments = List.of();
        return complete(packet, all);
    }

    private static Packet complete(Packet packet, List<byte[]> values) throws PacketFault {
        JsonNode data = packet.data();
        return data == null
                ? packet
                : new Packet(packet.type(), packet.namespace(), packet.id(), Attachments.putBack(data, values));
    }

    private @Nullable JsonNode read(String json) throws PacketFault {
        if (json.isEmpty()) {
            return null;
        }
        try {
            return mapper.readTree(json);
        } catch (JacksonException broken) {
            throw new PacketFault("data is not JSON"); // what is wrong with it may be long, and has words of the peer
        }
    }

    private static void check(Packet packet) throws PacketFault {
        JsonNode data = packet.data();
        boolean good = switch (packet.type()) {
            case CONNECT -> data == null || data.isObject();
            case DISCONNECT -> data == null;
            case EVENT, BINARY_EVENT -> data != null && data.isArray() && isEventName(data.path(0));
            case ACK, BINARY_ACK -> data != null && data.isArray() && packet.id() != Packet.NO_ID;
            case CONNECT_ERROR -> false;
        };
        if (!good) {
            throw new PacketFault("a packet " + packet.type() + " has data that it may not have");
        }
    }

    private static boolean isEventName(JsonNode name) {
        return name.isIntegralNumber() || name.isString() && !EventNames.isReserved(name.stringValue());
    }

    /** Goes through the text of a packet: {@code <type>[<attachments>-][<namespace>,][<id>][<data>]}. */
    private static final class Cursor {
        private static final int MAX_DIGITS = 15;

        private final String text;
        private int at;

        Cursor(String text) {
            this.text = text;
        }

        PacketType type() throws PacketFault {
            PacketType type = text.isEmpty() ? null : PacketType.of(text.charAt(0));
            if (type == null) {
                throw new PacketFault("a packet has an unknown type");
            }
            at = 1;
            return type;
        }

        int attachments() throws PacketFault {
            long count = number();
            if (count < 0 || count > Integer.MAX_VALUE || at >= text.length() || text.charAt(at) != '-') {
                throw new PacketFault("a binary packet does not tell its attachments");
            }
            at++;
            return (int) count;
        }

        String namespace() {
            if (at >= text.length() || text.charAt(at) != '/') {
                return Packet.ROOT;
            }
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            String named = text.substring(at, end);
            at = Math.min(end + 1, text.length());
            int query = named.indexOf('?');
            return query < 0 ? named : named.substring(0, query);
        }

        long id() throws PacketFault {
            return number();
        }

        /** A row of digits; -1 if there is none. */
        private long number() throws PacketFault {
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at - from > MAX_DIGITS) {
                throw new PacketFault("a number has more than " + MAX_DIGITS + " digits");
            }
            return at == from ? -1 : Long.parseLong(text, from, at, 10);
        }

        String rest() {
            return text.substring(at);
        }
    }
}
