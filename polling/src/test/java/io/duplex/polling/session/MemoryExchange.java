package io.duplex.polling.session;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.Loop;
import io.duplex.connection.ResponseStream;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request without a socket, and what was answered. Confined to the test's thread. */
public final class MemoryExchange implements HttpExchange, ResponseStream {
    private final Loop loop;
    private final RequestHead head;
    private final byte[] body;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private int status;
    private HeaderFields fields = HeaderFields.EMPTY;
    private boolean streaming;
    private boolean ended;
    private boolean closed;
    private long pendingBytes;
    private @Nullable Runnable whenClosed;
    private @Nullable Runnable whenFlushed;

    /**
     * A request.
     *
     * @param fields name, value, name, value...
     */
    public MemoryExchange(Loop loop, String method, String target, byte[] body, String... fields) {
        this.loop = loop;
        this.body = body;
        HeaderFields.Builder all = HeaderFields.builder().add("Host", "server.test");
        for (int i = 0; i < fields.length; i += 2) {
            all.add(fields[i], fields[i + 1]);
        }
        this.head = new RequestHead(method, target, HttpVersion.HTTP_1_1, all.build());
    }

    // What was answered

    /** The status; 0 as long as there is none. */
    public int status() {
        return status;
    }

    public @Nullable String field(String name) {
        return fields.first(name);
    }

    public byte[] content() {
        return content.toByteArray();
    }

    public String text() {
        return content.toString(StandardCharsets.UTF_8);
    }

    public boolean isStreaming() {
        return streaming && !ended;
    }

    /** Whether the answer has been given whole. */
    public boolean isEnded() {
        return ended;
    }

    /** The peer leaves. */
    public void cut() {
        closed = true;
        if (whenClosed != null && !ended) {
            loop.execute(whenClosed);
        }
    }

    /** From now on so much waits for the peer. */
    public void pendingBytes(long bytes) {
        pendingBytes = bytes;
        if (bytes == 0 && whenFlushed != null) {
            loop.execute(whenFlushed);
            whenFlushed = null;
        }
    }

    // The service's side

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public ByteBuffer body() {
        return ByteBuffer.wrap(body);
    }

    @Override
    public SocketAddress remoteAddress() {
        return InetSocketAddress.createUnresolved("peer.test", 443);
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void whenClosed(Runnable task) {
        whenClosed = task;
        if (closed) {
            loop.execute(task);
        }
    }

    @Override
    public void respond(int code, HeaderFields answered, ByteBuffer bytes, @Nullable Runnable whenWritten) {
        begin(code, answered);
        write(bytes);
        ended = true;
        if (whenWritten != null && !closed) {
            loop.execute(whenWritten);
        }
    }

    private void begin(int code, HeaderFields answered) {
        if (status != 0) {
            throw new IllegalStateException("answered before");
        }
        status = code;
        fields = answered;
    }

    @Override
    public ResponseStream stream(int code, HeaderFields answered) {
        begin(code, answered);
        streaming = true;
        return this;
    }

    @Override
    public void write(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        if (!ended) {
            content.writeBytes(copy);
        }
    }

    @Override
    public long pendingBytes() {
        return pendingBytes;
    }

    @Override
    public void whenFlushed(Runnable task) {
        if (pendingBytes == 0) {
            loop.execute(task);
        } else {
            whenFlushed = task;
        }
    }

    @Override
    public void end() {
        ended = true;
    }
}
