package io.duplex.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Hex;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** A client that sends what it is told, byte for byte. Confined to one thread at a time, but for sending. */
final class RawClient implements AutoCloseable {
    /** A masked text frame with {@code Hello} (RFC 6455 §5.7). */
    static final String HELLO = "81 85 37 fa 21 3d 7f 9f 4d 51 58";

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int SMALL_BYTES = 64 << 10;

    private final Socket socket = new Socket();
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(port, 0);
    }

    /** @param receiveBytes how much the system holds for who does not read; 0 for its default */
    private RawClient(int port, int receiveBytes) throws IOException {
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Connects with receive buffers so small that a server soon has to wait. */
    static RawClient slow(int port) throws IOException {
        return new RawClient(port, SMALL_BYTES);
    }

    /** Connects and shakes hands. */
    static RawClient open(int port, String path, String... moreFields) throws IOException {
        return new RawClient(port).shakeHands(path, moreFields);
    }

    RawClient shakeHands(String path, String... moreFields) throws IOException {
        send(request(path, moreFields), "");
        assertThat(head()).startsWith("HTTP/1.1 101");
        return this;
    }

    static String request(String path, String... moreFields) {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + String.join("", moreFields) + "\r\n";
    }

    RawClient send(String head, String hexAfterIt) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(head.getBytes(ISO_8859_1));
        bytes.write(Hex.parse(hexAfterIt).array());
        return send(bytes.toByteArray());
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    RawClient sendHex(String hex) throws IOException {
        return send("", hex);
    }

    /** The response's head. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    byte[] read(int bytes) throws IOException {
        return in.readNBytes(bytes);
    }

    /** The next bytes, in hex. */
    String readHex(int bytes) throws IOException {
        return Hex.format(ByteBuffer.wrap(read(bytes)));
    }

    /** Reads a Close frame, and returns its code. */
    int readClose() throws IOException {
        assertThat(readHex(1)).as("opcode of a Close frame").isEqualTo("88");
        byte[] payload = read(in.read());
        return ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    /** Reads until the end, or a reset, and returns the bytes. */
    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    /** Waits for the server's FIN, with nothing before it. */
    void awaitEof() throws IOException {
        assertThat(in.read()).as("end of the connection").isEqualTo(-1);
    }

    /** Waits for the end of the connection, by FIN or RST. */
    void awaitEnd() {
        try {
            readToEnd();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** Whether neither a byte nor an end comes within this time. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.read();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** Ends this side with a FIN. */
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with an RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
