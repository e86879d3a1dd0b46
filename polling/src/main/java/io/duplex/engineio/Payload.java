package io.duplex.engineio;

import io.duplex.message.Utf8Validator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Packets as they stand in the body of a request or an answer: behind one another, with U+001E between, bytes in base64. And one
 * as it stands in a message of a WebSocket.
 */
final class Payload {
    private static final byte SEPARATOR = 0x1E;
    private static final int MAX_PACKETS = 16 << 10;

    private Payload() {}

    /**
     * Reads a body.
     *
     * @param body its position moves
     * @throws PayloadFault if it is not UTF-8, or there is a packet that is none, or there are too many
     */
    static List<EnginePacket> decode(ByteBuffer body) throws PayloadFault {
        if (!Utf8Validator.isValid(body, body.position(), body.limit())) {
            throw new PayloadFault("a payload is not UTF-8");
        }
        List<EnginePacket> packets = new ArrayList<>();
        int from = body.position();
        for (int at = from; at <= body.limit(); at++) {
            if (at == body.limit() || body.get(at) == SEPARATOR) {
                if (packets.size() == MAX_PACKETS) {
                    throw new PayloadFault("a payload has more than " + MAX_PACKETS + " packets");
                }
                packets.add(packet(body.slice(from, at - from)));
                from = at + 1;
            }
        }
        body.position(body.limit());
        return packets;
    }

    private static EnginePacket packet(ByteBuffer text) throws PayloadFault {
        EnginePacket packet = decodeText(text);
        if (packet.type() != PacketType.BINARY) {
            return packet;
        }
        try {
            return new EnginePacket(PacketType.BINARY, Base64.getDecoder().decode(packet.data()));
        } catch (IllegalArgumentException broken) {
            throw new PayloadFault("a packet is not in base64");
        }
    }

    /** Reads a text message of a WebSocket. */
    static EnginePacket decodeText(ByteBuffer text) throws PayloadFault {
        if (!text.hasRemaining()) {
            throw new PayloadFault("a packet is empty");
        }
        return new EnginePacket(
                PacketType.of(text.get(text.position())), text.slice(text.position() + 1, text.remaining() - 1));
    }

    /** Whether a packet can stand in a body: nothing there tells a separator of its own from that between packets. */
    static boolean fits(EnginePacket packet) {
        if (packet.type() == PacketType.BINARY || packet.type() == PacketType.CLOSE) {
            return true;
        }
        ByteBuffer text = packet.data();
        for (int at = text.position(); at < text.limit(); at++) {
            if (text.get(at) == SEPARATOR) {
                return false;
            }
        }
        return true;
    }

    /** The body that has some packets. */
    static ByteBuffer encode(List<EnginePacket> packets) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (EnginePacket packet : packets) {
            if (body.size() > 0) {
                body.write(SEPARATOR);
            }
            body.write(packet.type().letter());
            ByteBuffer data = packet.data().duplicate();
            if (packet.type() == PacketType.BINARY) {
                data = Base64.getEncoder().encode(data);
            }
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            body.writeBytes(bytes);
        }
        return ByteBuffer.wrap(body.toByteArray());
    }

    /** The text message that has a packet which is not of bytes. */
    static ByteBuffer encodeText(EnginePacket packet) {
        ByteBuffer data = packet.data().duplicate();
        ByteBuffer text = ByteBuffer.allocate(1 + data.remaining());
        return text.put(packet.type().letter()).put(data).flip();
    }
}
