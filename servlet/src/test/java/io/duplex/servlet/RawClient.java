package io.duplex.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A client that sends what it is told, byte for byte. */
final class RawClient implements AutoCloseable {
    /** A masked text frame with {@code Hello} (RFC 6455 §5.7). */
    static final String HELLO = "81 85 37 fa 21 3d 7f 9f 4d 51 58";

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
    }

    static String request(String path, String... moreFields) {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + String.join("", moreFields) + "\r\n";
    }

    RawClient send(String head, String hexAfterIt) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(head.getBytes(ISO_8859_1));
        for (String octet : hexAfterIt.isEmpty() ? new String[0] : hexAfterIt.split(" ")) {
            bytes.write(Integer.parseInt(octet, 16));
        }
        socket.getOutputStream().write(bytes.toByteArray());
        return this;
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

    /** Reads until the end, or a reset, and returns the bytes. */
    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
