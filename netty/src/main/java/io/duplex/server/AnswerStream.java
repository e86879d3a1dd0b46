package io.duplex.server;

import io.duplex.connection.ResponseStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The body of an answer of unknown length, in chunks where the peer knows them (RFC 9112 §7.1). Thread-safe. */
final class AnswerStream implements ResponseStream {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ServedExchange exchange;
    private final boolean hasBody;
    private final boolean isChunked;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** Bytes that the loop has yet to come for. */
    private final AtomicLong postedBytes = new AtomicLong();
    /** Whether the end has been written; of the loop, for which a write may come late. */
    private boolean isOver;

    AnswerStream(ServedExchange exchange, boolean hasBody, boolean isChunked) {
        this.exchange = exchange;
        this.hasBody = hasBody;
        this.isChunked = isChunked;
    }

    @Override
    public void write(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length == 0 || !hasBody || ended.get() || exchange.isClosed()) {
            bytes.position(bytes.limit());
        } else if (exchange.isInLoop()) {
            exchange.inOrder(() -> writeNow(bytes));
        } else {
            ByteBuffer copy = ServedExchange.copy(bytes);
            postedBytes.addAndGet(length);
            exchange.inOrder(() -> {
                writeNow(copy);
                postedBytes.addAndGet(-length);
            });
        }
    }

    private void writeNow(ByteBuffer bytes) {
        if (isOver) {
            bytes.position(bytes.limit());
        } else if (isChunked) {
            String size = Integer.toHexString(bytes.remaining()) + "\r\n";
            exchange.write(ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)));
            exchange.write(bytes);
            exchange.write(ByteBuffer.wrap(LINE_END));
        } else {
            exchange.write(bytes);
        }
    }

    @Override
    public long pendingBytes() {
        return exchange.isClosed() ? 0 : postedBytes.get() + exchange.pendingBytes();
    }

    @Override
    public void whenFlushed(Runnable task) {
        exchange.inOrder(() -> exchange.whenFlushed(task));
    }

    @Override
    public void end() {
        if (ended.compareAndSet(false, true)) {
            exchange.inOrder(() -> {
                isOver = true;
                if (hasBody && isChunked) {
                    exchange.write(ByteBuffer.wrap(LAST_CHUNK));
                }
                exchange.end(null);
            });
        }
    }
}
