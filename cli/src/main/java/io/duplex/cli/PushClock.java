package io.duplex.cli;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the time to its listeners, unasked, ten times a second: one timer for all of them, which runs while there are any. For
 * a listener that does not read nothing piles up. Thread-safe.
 */
final class PushClock implements WebSocketHandler {
    private static final long PERIOD_MILLIS = 100;
    /** Some dozen messages, which a hiccup may delay; whoever has more before it is passed over. */
    private static final int MAX_BACKLOG_BYTES = 1024;

    private static final int FRACTION_DIGITS = 3;
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(FRACTION_DIGITS).toFormatter();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "duplex-push");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<WebSocket> listeners = ConcurrentHashMap.newKeySet();
    private @Nullable Future<?> ticking;
    private long sequence;

    @Override
    public synchronized void onOpen(WebSocket socket) {
        listeners.add(socket);
        if (ticking == null) {
            ticking = timer.scheduleAtFixedRate(this::tick, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void onClose(WebSocket socket, CloseOutcome outcome) {
        listeners.remove(socket);
        Future<?> running = ticking;
        if (running != null && listeners.isEmpty()) {
            running.cancel(false);
            ticking = null;
        }
    }

    private void tick() {
        String time = TIME.format(Instant.now());
        long number = ++sequence;
        byte[] message = Json.write(json -> {
            json.writeStringField("time", time);
            json.writeNumberField("sequence", number);
        });
        for (WebSocket listener : listeners) {
            if (listener.bufferedAmount() < MAX_BACKLOG_BYTES) {
                listener.sendText(ByteBuffer.wrap(message));
            }
        }
    }
}
