package io.duplex.polling;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of a client, which speaks as much of HTTP/1.1 and WebSocket as a test needs and does nothing by itself: what
 * the network does to it is an IOException at once. One thread at a time reads; another may send messages and close.
 */
final class ClientWire implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int HEX = 16;
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private static final int FIN = 0x80;
    private static final int MASK = 0x80;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int chunkLeft;

    /** An answer whose body has come whole. */
    record Answer(int status, ByteBuffer body) {}

    /** The status of an answer, and its fields by their names in lower case. */
    record Head(int status, Map<String, String> fields) {}

    /** The server has closed the WebSocket connection. */
    static final class ClosedByServer extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        private final int code;

        ClosedByServer(int code) {
            super("closed with " + code);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    ClientWire(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
        out = socket.getOutputStream();
    }

    /** Thread-safe. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException ended) {
            // before
        }
    }

    /** Whether nothing has come that was not read. */
    boolean isDrained() throws IOException {
        return in.available() == 0;
    }

    // HTTP

    /**
     * Sends a request.
     *
     * @param fields besides Host and Content-Length, each with its line's end
     */
    void request(String method, String target, String fields, ByteBuffer body) throws IOException {
        String head = method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields
                + (method.equals("GET") ? "" : "Content-Length: " + body.remaining() + "\r\n") + "\r\n";
        byte[] start = head.getBytes(StandardCharsets.US_ASCII);
        out.write(ByteBuffer.allocate(start.length + body.remaining())
                .put(start)
                .put(body.duplicate())
                .array());
    }

    /** Reads an answer whose length is told. */
    Answer answer() throws IOException {
        Head head = head();
        byte[] body = new byte[Integer.parseInt(head.fields().getOrDefault("content-length", "0"))];
        in.readFully(body);
        return new Answer(head.status(), ByteBuffer.wrap(body));
    }

    /** Reads the head of an answer. */
    Head head() throws IOException {
        String status = line();
        Map<String, String> fields = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            fields.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Head(Integer.parseInt(status.substring(STATUS_AT, STATUS_AT + 3)), fields);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next; (next = in.readUnsignedByte()) != '\n'; ) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    /** Reads a line of a body in chunks; {@code null} at the end of the body. */
    @Nullable String lineOfChunks() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next; (next = byteOfChunks()) != '\n'; ) {
            if (next < 0) {
                return null;
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int byteOfChunks() throws IOException {
        if (chunkLeft == 0) {
            chunkLeft = Integer.parseInt(line(), HEX);
            if (chunkLeft == 0) {
                line();
                return -1;
            }
        }
        int next = in.readUnsignedByte();
        chunkLeft--;
        if (chunkLeft == 0) {
            line(); // the line's end behind the chunk
        }
        return next;
    }

    // WebSocket

    /** The opening handshake, for one of these subprotocols. */
    void upgrade(String target, String subprotocols) throws IOException {
        request(
                "GET",
                target,
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + subprotocols
                        + "\r\n",
                ByteBuffer.allocate(0));
        int status = head().status();
        if (status != 101) {
            throw new IllegalStateException("status " + status + " of an upgrade");
        }
    }

    /**
     * Reads a binary message, and answers Pings before it.
     *
     * @throws ClosedByServer if a Close came instead
     */
    ByteBuffer message() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            byte[] payload = new byte[payloadBytes(in.readUnsignedByte())];
            in.readFully(payload);
            switch (first) {
                case FIN | BINARY -> {
                    return ByteBuffer.wrap(payload);
                }
                case FIN | PING -> send(PONG, ByteBuffer.wrap(payload));
                case FIN | CLOSE ->
                    throw new ClosedByServer(
                            payload.length < 2 ? 0 : ByteBuffer.wrap(payload).getShort() & 0xFFFF);
                default -> throw new IllegalStateException("frame begins with " + Integer.toHexString(first));
            }
        }
    }

    private int payloadBytes(int length) throws IOException {
        return switch (length) {
            case LENGTH_OF_16_BITS -> in.readUnsignedShort();
            case LENGTH_OF_64_BITS -> Math.toIntExact(in.readLong());
            default -> length;
        };
    }

    /** Sends a binary message. */
    void send(ByteBuffer message) throws IOException {
        send(BINARY, message);
    }

    private void send(int opcode, ByteBuffer content) throws IOException {
        ByteBuffer payload = content.duplicate();
        int length = payload.remaining();
        ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) (FIN | opcode));
        if (length < LENGTH_OF_16_BITS) {
            frame.put((byte) (MASK | length));
        } else if (length < 1 << Short.SIZE) {
            frame.put((byte) (MASK | LENGTH_OF_16_BITS)).putShort((short) length);
        } else {
            frame.put((byte) (MASK | LENGTH_OF_64_BITS)).putLong(length);
        }
        byte[] key = new byte[Integer.BYTES];
        ThreadLocalRandom.current().nextBytes(key);
        frame.put(key);
        for (int i = 0; payload.hasRemaining(); i++) {
            frame.put((byte) (payload.get() ^ key[i % key.length]));
        }
        synchronized (out) {
            out.write(frame.array(), 0, frame.position());
        }
    }
}
