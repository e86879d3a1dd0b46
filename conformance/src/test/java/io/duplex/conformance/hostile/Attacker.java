package io.duplex.conformance.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.zip.Deflater;

/** A stranger with a socket, who may send what comes to mind. Confined to one thread at a time. */
final class Attacker implements AutoCloseable {
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int FIN = 0x80;
    /** The bit of a compressed message (RFC 7692 §6). */
    static final int RSV1 = 0x40;

    private static final int MASKED = 0x80;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int LONG_PATIENCE_MILLIS = 120_000;
    private static final int SMALL_BUFFER_BYTES = 16 << 10;

    private final Socket socket;
    private final InputStream in;

    private Attacker(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Waits longer than usual for what comes. */
    Attacker patient() throws IOException {
        socket.setSoTimeout(LONG_PATIENCE_MILLIS);
        return this;
    }

    /** Connects, and says nothing. */
    static Attacker connect(int port) throws IOException {
        return new Attacker(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Connects, shakes hands, and has little room for what comes. */
    static Attacker openNarrow(int port, String path) throws IOException {
        Socket narrow = new Socket();
        narrow.setReceiveBufferSize(SMALL_BUFFER_BYTES);
        narrow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Attacker(narrow).shakeHands(path);
    }

    /** Connects and shakes hands. */
    static Attacker open(int port, String path, String... extraFields) throws IOException {
        return connect(port).shakeHands(path, extraFields);
    }

    private Attacker shakeHands(String path, String... extraFields) throws IOException {
        send(request(path, extraFields));
        assertThat(head()).startsWith("HTTP/1.1 101 ");
        return this;
    }

    /** A request that would be accepted, but for its extra fields. */
    static String request(String target, String... extraFields) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + String.join(
                        "",
                        Arrays.stream(extraFields).map(field -> field + "\r\n").toList()) + "\r\n";
    }

    /** A client's frame with a mask of zeros. */
    static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
        frame.writeBytes(header(firstByte, payload.length));
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** The header of a client's frame, of any length that can be written, with a mask of zeros. */
    static byte[] header(int firstByte, long length) {
        ByteArrayOutputStream header = new ByteArrayOutputStream(14);
        header.write(firstByte);
        if (length >= 0 && length < 126) {
            header.write(MASKED | (int) length);
        } else if (length >= 0 && length <= 0xFFFF) {
            header.write(MASKED | 126);
            header.write((int) length >> 8);
            header.write((int) length);
        } else {
            header.write(MASKED | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                header.write((int) (length >>> shift));
            }
        }
        header.writeBytes(new byte[4]);
        return header.toByteArray();
    }

    /** A compressed message that becomes {@code bytes} zeros. */
    static byte[] bomb(int bytes) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setInput(new byte[bytes]);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] some = new byte[64 << 10];
            for (int length; (length = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH)) > 0; ) {
                out.write(some, 0, length);
            }
            byte[] all = out.toByteArray();
            return Arrays.copyOf(all, all.length - 4);
        } finally {
            deflater.end();
        }
    }

    Attacker send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    Attacker send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends as much as is taken: the other end may have had enough. Returns whether all was taken. */
    boolean trySend(byte[] bytes) {
        try {
            send(bytes);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Reads up to and with an empty line. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("after " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Reads all up to the end of the connection, be it a reset. */
    String readAll() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int next; (next = in.read()) >= 0; ) {
                all.write(next);
            }
        } catch (IOException e) {
            assertThat(e).as("what ends the connection").hasMessageContaining("reset");
        }
        return all.toString(ISO_8859_1);
    }

    byte[] read(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        assertThat(read).as("bytes before the end").hasSize(bytes);
        return read;
    }

    /** Reads frames up to a Close frame; returns its code, 0 if the connection ends without one. */
    int closeCode() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return 0;
            }
            int length = in.read();
            long payload = length;
            if (length == 126) {
                payload = (long) in.read() << 8 | in.read();
            } else if (length == 127) {
                payload = 0;
                for (int i = 0; i < 8; i++) {
                    payload = payload << 8 | in.read();
                }
            }
            if ((first & 0xF) == CLOSE) {
                return payload < 2 ? 1005 : in.read() << 8 | in.read();
            }
            in.skipNBytes(payload);
        }
    }

    /** Reads frames up to a data frame of less than 126 bytes; returns its payload. Pings may come before it. */
    byte[] message() throws IOException {
        while (true) {
            int first = in.read();
            byte[] payload = read(in.read());
            if ((first & 0xF) == TEXT || (first & 0xF) == BINARY) {
                return payload;
            }
            assertThat(first & 0xF).as("opcode before the message").isEqualTo(PING);
        }
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends with an RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
