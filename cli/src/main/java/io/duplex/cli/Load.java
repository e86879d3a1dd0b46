package io.duplex.cli;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** What the connections of a load run share: the message, the clock's phase, the counters. Thread-safe. */
final class Load {
    private static final long MAX_LATENCY_NANOS = 3_600_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final boolean text;
    private final ByteBuffer message;
    private final LongAdder received = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final Recorder latency = new Recorder(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);
    private final AtomicBoolean measuring = new AtomicBoolean();
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * Creates a load.
     *
     * @param message what each message holds; direct memory is cheapest to send
     * @param text whether it is sent as text
     */
    Load(ByteBuffer message, boolean text) {
        this.message = message;
        this.text = text;
    }

    /** From now on messages count. */
    void measure() {
        received.reset();
        latency.reset();
        measuring.set(true);
    }

    /** From now on connections send nothing more, and ends of connections are no losses. */
    void stop() {
        stopped.set(true);
    }

    long received() {
        return received.sum();
    }

    /** Echoes that were not what had been sent. */
    long wrong() {
        return wrong.sum();
    }

    /** Connections that ended before the run did. */
    long lost() {
        return lost.sum();
    }

    Recorder latency() {
        return latency;
    }

    /**
     * One connection's part: it times its echoes, which come in the order of its messages.
     *
     * <p>Confined to the connection's event loop, but for {@link #due}.
     */
    final class Connection implements WebSocketHandler {
        private final int inFlight;
        private final long[] since;
        private long sent;
        /** Written by the loop alone; a pacer reads it. */
        private volatile long echoed;

        private @Nullable WebSocket socket;

        /**
         * Creates a handler.
         *
         * @param inFlight messages under way at a time
         * @param paced whether messages leave when {@link #due} says, not as soon as an echo has come
         */
        Connection(int inFlight, boolean paced) {
            this.inFlight = paced ? 0 : inFlight;
            this.since = new long[Math.max(inFlight, 1)];
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
        }

        /** Sends the first messages. */
        void begin() {
            long now = System.nanoTime();
            for (int i = 0; i < inFlight; i++) {
                send(now);
            }
        }

        /**
         * Sends a message that was to leave at {@code nanos}: its latency counts from then, however late the sender or the
         * connection is, so that a stall shows in every message that it delayed. A message that finds too many under way
         * waits for its turn in the connection's own order.
         */
        boolean due(long nanos) {
            if (sent - echoed >= since.length) {
                return false;
            }
            send(nanos);
            return true;
        }

        private void send(long nanos) {
            WebSocket open = socket;
            if (open != null) {
                since[(int) (sent % since.length)] = nanos;
                sent++;
                if (text) {
                    open.sendText(message.duplicate());
                } else {
                    open.send(message.duplicate());
                }
            }
        }

        @Override
        public void onTextBytes(WebSocket from, ByteBuffer utf8) {
            echo(utf8, true);
        }

        @Override
        public void onBinary(WebSocket from, ByteBuffer payload) {
            echo(payload, false);
        }

        private void echo(ByteBuffer payload, boolean asText) {
            if (asText != text || payload.remaining() != message.remaining()) {
                wrong.increment();
                return;
            }
            long now = System.nanoTime();
            long number = echoed;
            long start = since[(int) (number % since.length)];
            echoed = number + 1;
            received.increment();
            if (measuring.get()) {
                latency.recordValue(Math.min(Math.max(now - start, 0), MAX_LATENCY_NANOS));
            }
            if (inFlight > 0 && !stopped.get()) {
                send(now);
            }
        }

        @Override
        public void onClose(WebSocket from, CloseOutcome outcome) {
            if (!stopped.get()) {
                lost.increment();
            }
        }
    }
}
