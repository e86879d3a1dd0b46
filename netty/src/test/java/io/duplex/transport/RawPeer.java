package io.duplex.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.testkit.Hex;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

/** The other end of a connection, byte by byte. Confined to one thread at a time. */
public final class RawPeer implements AutoCloseable {
    /** The field that a server answers the key of {@link #request} with. */
    public static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;

    /** Talks over {@code socket}. */
    public RawPeer(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Connects to a server on this machine. */
    public static RawPeer connect(int port) throws IOException {
        return new RawPeer(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Connects with receive buffers so small that a server soon has to wait. */
    public static RawPeer connectSlow(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new RawPeer(socket);
    }

    /** Accepts a connection. */
    public static RawPeer accept(ServerSocket server) throws IOException {
        server.setSoTimeout(PATIENCE_MILLIS);
        return new RawPeer(server.accept());
    }

    /** A request for a WebSocket connection. */
    public static String request(String target, String... extraFields) {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: " + KEY + "\r\n");
        for (String field : extraFields) {
            request.append(field).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    /** Connects and shakes hands. */
    public static RawPeer open(int port, String target, String... extraFields) throws IOException {
        RawPeer peer = connect(port);
        peer.send(request(target, extraFields));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ").contains(ACCEPT);
        return peer;
    }

    /** Reads a client's request and accepts it. Returns the request. */
    public String acceptHandshake(String... extraFields) throws IOException {
        String request = head();
        send(acceptance(request, extraFields));
        return request;
    }

    /** The response that accepts {@code request}. */
    public static String acceptance(String request, String... extraFields) {
        StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Accept: " + acceptOf(request) + "\r\n");
        for (String field : extraFields) {
            response.append(field).append("\r\n");
        }
        return response.append("\r\n").toString();
    }

    /** The value that answers the key in {@code request}. */
    public static String acceptOf(String request) {
        String name = "Sec-WebSocket-Key: ";
        int at = request.indexOf(name) + name.length();
        String key = request.substring(at, request.indexOf("\r\n", at));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends characters of ISO-8859-1. */
    public void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    /** Sends bytes. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends bytes in hex. */
    public void sendHex(String hex) throws IOException {
        send(Hex.parse(hex).array());
    }

    /** Reads up to and with an empty line. */
    public String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) readByte());
        }
        return head.toString();
    }

    private int readByte() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException();
        }
        return next;
    }

    /** Reads so many bytes. */
    public byte[] read(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        assertThat(read).hasSize(bytes);
        return read;
    }

    /** Reads so many bytes, as hex. */
    public String readHex(int bytes) throws IOException {
        return Hex.format(ByteBuffer.wrap(read(bytes)));
    }

    /** Reads a client's frame of less than 126 bytes and unmasks it, as hex without its key. */
    public String readMaskedHex() throws IOException {
        byte[] header = read(2);
        assertThat(header[1] & 0x80).as("masked").isEqualTo(0x80);
        byte[] key = read(4);
        byte[] payload = read(header[1] & 0x7F);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(header[0]);
        frame.write(header[1] & 0x7F);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ key[i & 3]);
        }
        return Hex.format(ByteBuffer.wrap(frame.toByteArray()));
    }

    /** Reads up to the end of the connection. */
    public String readAll() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    /** Waits for the peer's FIN; there must be nothing before it, and it must be no RST. */
    public void awaitEof() throws IOException {
        assertThat(in.read()).as("end of the connection").isEqualTo(-1);
    }

    /** Waits for the peer's RST. */
    public void awaitReset() {
        assertThatThrownBy(this::readAll).isInstanceOf(IOException.class).hasMessageContaining("reset");
    }

    /** Waits for the end of the connection, by FIN or RST. */
    public void awaitEnd() {
        try {
            readAll();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** Whether neither a byte nor an end comes within this time. */
    public boolean isSilentFor(int millis) throws IOException {
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
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with an RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Closes before the end of the test. */
    public void hangUp() throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
