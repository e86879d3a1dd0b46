package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Blocks for a while before it sends a message back: on a thread of its own, so that the event loop goes on. */
final class BlockingEcho implements WebSocketHandler {
    private static final long BLOCK_MILLIS = 2000;
    /** So many may block at a time: the next are refused. */
    private static final int MAX_THREADS = 200;

    private static final long REST_SECONDS = 10;
    private static final ExecutorService THREADS =
            new ThreadPoolExecutor(0, MAX_THREADS, REST_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "duplex-block");
                thread.setDaemon(true);
                return thread;
            });

    @Override
    public void onText(WebSocket socket, String text) {
        later(socket, open -> open.send(text));
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        later(socket, open -> open.send(ByteBuffer.wrap(copy)));
    }

    /** One message at a time: the next is not read before this one is answered. */
    private static void later(WebSocket socket, Consumer<WebSocket> answer) {
        socket.pause();
        try {
            THREADS.execute(() -> block(socket, answer));
        } catch (RejectedExecutionException e) {
            socket.close(CloseCode.TRY_AGAIN_LATER, "too many block");
        }
    }

    private static void block(WebSocket socket, Consumer<WebSocket> answer) {
        try {
            Thread.sleep(BLOCK_MILLIS);
            answer.accept(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            socket.resume();
        }
    }
}
