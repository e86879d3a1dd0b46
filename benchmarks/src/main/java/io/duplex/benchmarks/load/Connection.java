package io.duplex.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link LoadRun}, in its turns. */
final class Connection implements FrameReader.Frames {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // RFC 6455 §1.3
    private static final int MAX_RESPONSE_BYTES = 8192;
    private static final int FIN = 0x80;
    private static final int PONG = 10;
    /** One echo of so many is compared byte by byte. */
    private static final int COMPARED = 16;

    enum State {
        CONNECTING,
        UPGRADING,
        OPEN,
        CLOSING
    }

    private final LoadRun run;
    private final Ring ring;
    private final @Nullable DeflatedEchoes deflated;
    /** When each message in flight was allowed to leave. */
    private final long[] since;

    // Of each round of handshakes anew.
    private SocketChannel channel;
    private Wire wire;
    private SelectionKey key;
    private FrameReader reader;
    private State state;
    private long begunNanos;
    /** As much of the response as has come; empty once it is complete. */
    private String response;

    private boolean closeReceived;
    /** A request, a control frame or a publication, which goes between two messages; empty if there is none. */
    private ByteBuffer extra;
    /** Bytes of the ring's endless stream that have been sent, and that may have been. */
    private long sentBytes;

    private long allowedBytes;
    private long echoes;
    private boolean compare;
    private long publishedNanos;

    /**
     * Begins to connect.
     *
     * @param deflated checks compressed echoes; {@code null} on connections that are not checked
     */
    Connection(LoadRun run, @Nullable DeflatedEchoes deflated) throws IOException {
        this.run = run;
        this.deflated = deflated;
        this.ring = run.ring();
        this.since = new long[run.what().inFlight()];
        begin();
    }

    private void begin() throws IOException {
        state = State.CONNECTING;
        begunNanos = System.nanoTime();
        reader = new FrameReader(this);
        response = "";
        closeReceived = false;
        extra = ByteBuffer.allocate(0);
        channel = SocketChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        InetSocketAddress source = run.nextSource();
        if (source != null) {
            channel.bind(source);
        }
        key = channel.register(run.selector(), SelectionKey.OP_CONNECT, this);
        wire = run.wire(channel);
        if (channel.connect(run.server())) {
            connected();
        }
    }

    State state() {
        return state;
    }

    long begunNanos() {
        return begunNanos;
    }

    /** Does what the selector found to do. */
    void ready() throws IOException {
        if (state == State.CONNECTING) {
            channel.finishConnect();
            connected();
            return;
        }
        if (key.isReadable()) {
            read();
        }
        if (key.isValid() && (extra.hasRemaining() || sentBytes < allowedBytes || wire.awaitsSocket(false))) {
            flush();
        }
    }

    private void connected() throws IOException {
        state = State.UPGRADING;
        extra = StandardCharsets.ISO_8859_1.encode("GET " + run.path() + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + run.server().getPort() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + KEY
                + "\r\nSec-WebSocket-Version: 13\r\n"
                + (run.what().deflate()
                        ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                        : "")
                + "\r\n");
        flush();
    }

    private void read() throws IOException {
        ByteBuffer in = run.input().clear();
        int bytes;
        try {
            bytes = wire.read(in);
        } catch (IOException e) {
            if (!closeReceived) {
                throw e;
            }
            bytes = -1;
        }
        if (bytes < 0) {
            if (!closeReceived) {
                throw new LoadFailure("the server ended the connection, " + state);
            }
            again();
            return;
        }
        run.tick();
        in.flip();
        if (state == State.UPGRADING) {
            upgrade(in);
        }
        if (state == State.OPEN || state == State.CLOSING) {
            reader.read(in);
        }
    }

    /** Another round of handshakes. */
    void again() throws IOException {
        channel.close();
        begin();
    }

    private void upgrade(ByteBuffer in) {
        StringBuilder head = new StringBuilder(response);
        while (in.hasRemaining() && head.indexOf("\r\n\r\n", Math.max(head.length() - 4, 0)) < 0) {
            head.append((char) (in.get() & 0xFF));
        }
        response = head.toString();
        if (response.length() > MAX_RESPONSE_BYTES) {
            throw new LoadFailure("response without end");
        }
        if (!response.endsWith("\r\n\r\n")) {
            return;
        }
        boolean agreed = response.toLowerCase(Locale.ROOT).contains("permessage-deflate");
        if (!response.startsWith("HTTP/1.1 101 ") || !response.contains(ACCEPT)) {
            throw new LoadFailure("refused: " + response.lines().findFirst().orElse(""));
        }
        if (agreed != run.what().deflate()) {
            throw new LoadFailure(agreed ? "compression was not offered" : "compression was not agreed to");
        }
        response = "";
        state = State.OPEN;
        run.opened(this);
    }

    /** Begins the closing handshake. */
    void close() {
        state = State.CLOSING;
        send(FrameReader.CLOSE, new byte[] {3, (byte) 0xE8});
        flush();
    }

    /** Lets some more messages leave; {@link #flush} sends them. */
    void allow(int messages) {
        long number = allowedBytes / ring.frameBytes();
        for (int i = 0; i < messages; i++) {
            since[(int) ((number + i) % since.length)] = run.now();
        }
        allowedBytes += (long) messages * ring.frameBytes();
    }

    /** Sends a message outside the ring. Returns whether it could, because the one before it is gone. */
    boolean publish(byte[] payload) {
        if (extra.hasRemaining()) {
            return false;
        }
        extra = ByteBuffer.allocate(Ring.maxFrameBytes(payload.length));
        Ring.putFrame(extra, FIN | 2, payload, 0x5AC3_9E71);
        extra.flip();
        flush();
        return true;
    }

    private void send(int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(extra.remaining() + Ring.maxFrameBytes(payload.length));
        frame.put(extra);
        Ring.putFrame(frame, FIN | opcode, payload, 0x17D4_2B68);
        extra = frame.flip();
    }

    /** Sends what may leave, as far as the socket takes it. */
    void flush() {
        try {
            boolean blocked = false;
            while (!blocked && (extra.hasRemaining() || sentBytes < allowedBytes)) {
                int inFrame = (int) (sentBytes % ring.frameBytes());
                if (extra.hasRemaining() && inFrame == 0) {
                    wire.write(extra);
                    blocked = extra.hasRemaining();
                } else {
                    long bytes = extra.hasRemaining() ? ring.frameBytes() - inFrame : allowedBytes - sentBytes;
                    int at = (int) (sentBytes % ring.bytes());
                    ByteBuffer frames = ring.frames().limit(at + (int) bytes).position(at);
                    wire.write(frames);
                    blocked = frames.hasRemaining();
                    sentBytes += bytes - frames.remaining();
                }
            }
            int interest =
                    wire.awaitsSocket(blocked) ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
        } catch (IOException e) {
            throw new LoadFailure("cannot send: " + e.getMessage());
        }
    }

    /** How many messages have come back. */
    long echoes() {
        return echoes;
    }

    @Override
    public void part(ByteBuffer in, int bytes, long offset) {
        if (run.what().work() == Case.Work.FANOUT) {
            if (offset == 0 && bytes >= Case.MIN_FANOUT_BYTES) {
                publishedNanos = in.getLong(in.position());
            }
        } else if (run.what().deflate()) {
            if (deflated != null && deflated.wanted()) {
                deflated.part(in, bytes);
            }
        } else {
            if (offset == 0) {
                compare = echoes % COMPARED == 0;
            }
            if (compare) {
                run.compare(in, bytes, ring.payload(echoes), offset);
            }
        }
    }

    @Override
    public void message(int opcode, boolean compressed, long bytes) {
        Case what = run.what();
        if (opcode != (what.content().isText() ? 1 : 2)) {
            throw new LoadFailure("opcode " + opcode + " came back");
        }
        if (!what.deflate() && (compressed || bytes != what.bytes())) {
            throw new LoadFailure(compressed ? "RSV1 is set" : bytes + " bytes came back of " + what.bytes());
        }
        if (what.work() == Case.Work.FANOUT) {
            run.delivered(publishedNanos);
            return;
        }
        if (deflated != null && deflated.wanted()) {
            deflated.message(compressed, ring.payload(echoes));
        }
        if (echoes * ring.frameBytes() >= sentBytes) {
            throw new LoadFailure("more echoes than messages");
        }
        run.echoed(since[(int) (echoes % since.length)]);
        echoes++;
        if (what.work() == Case.Work.ECHO) {
            allow(1);
        }
    }

    @Override
    public void control(int opcode, byte[] payload) {
        if (opcode == FrameReader.PING) {
            send(PONG, payload);
        } else if (opcode == FrameReader.CLOSE) {
            if (state != State.CLOSING) {
                throw new LoadFailure("the server closes"
                        + (payload.length < 2
                                ? ""
                                : " with " + (int) ByteBuffer.wrap(payload).getChar(0)));
            }
            closeReceived = true;
        }
    }
}
