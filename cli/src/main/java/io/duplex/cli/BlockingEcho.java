package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Blocks for a while before it sends a message back: on a thread of its own, so that the event loop goes on. */
final class BlockingEcho implements WebSocketHandler {
    private static final long BLOCK_MILLIS = 2000;
    /** So many may block at a time: the next are refused. */
    private static final int MAX_THREADS = 200;
    /** What they may hold together: the next are refused. */
    private static final long MAX_HELD_BYTES = 16 << 20;

    private static final long REST_SECONDS = 10;
    private static final Executor THREADS =
            new ThreadPoolExecutor(0, MAX_THREADS, REST_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "duplex-block");
                thread.setDaemon(true);
                return thread;
            });

    private static final AtomicLong HELD_BYTES = new AtomicLong();

    private final Executor threads;
    private final long blockMillis;

    BlockingEcho() {
        this(THREADS, BLOCK_MILLIS);
    }

    /**
     * Blocks elsewhere, or for another while.
     *
     * @param threads run what blocks; may refuse
     */
    BlockingEcho(Executor threads, long blockMillis) {
        this.threads = threads;
        this.blockMillis = blockMillis;
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        later(socket, utf8, socket::sendText);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        later(socket, payload, socket::send);
    }

    /** One message at a time: the next is not read before this one is answered. */
    private void later(WebSocket socket, ByteBuffer message, Consumer<ByteBuffer> answer) {
        int length = message.remaining();
        if (HELD_BYTES.addAndGet(length) > MAX_HELD_BYTES) {
            refuse(socket, length);
            return;
        }
        byte[] copy = new byte[length];
        message.get(copy);
        socket.pause();
        try {
            threads.execute(() -> block(socket, copy, answer));
        } catch (RejectedExecutionException e) {
            refuse(socket, length);
        }
    }

    private static void refuse(WebSocket socket, int length) {
        HELD_BYTES.addAndGet(-length);
        socket.close(CloseCode.TRY_AGAIN_LATER, "too many block");
    }

    private void block(WebSocket socket, byte[] message, Consumer<ByteBuffer> answer) {
        try {
            Thread.sleep(blockMillis);
            answer.accept(ByteBuffer.wrap(message));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            HELD_BYTES.addAndGet(-message.length);
            socket.resume();
        }
    }
}
