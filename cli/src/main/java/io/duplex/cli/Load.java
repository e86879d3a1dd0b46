package io.duplex.cli;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.protocol.SharedMessage;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/** What the connections of a load run share: the message and the counters. Thread-safe. */
final class Load {
    private static final long MAX_LATENCY_NANOS = 3_600_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;
    /** Of so many echoes one is compared byte by byte; of the others the kind and the length. */
    private static final int SAMPLE = 16;

    private final SharedMessage message;
    private final ByteBuffer expected;
    private final Map<Thread, Tally> tallies = new ConcurrentHashMap<>();
    private final LongAdder wrong = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile boolean stopped;

    /**
     * Creates a load.
     *
     * @param message what all connections send, again and again; so it is compressed once, if at all
     */
    Load(SharedMessage message) {
        this.message = message;
        expected = ByteBuffer.allocateDirect(message.length())
                .put(message.bytes())
                .flip()
                .asReadOnlyBuffer();
    }

    /** What one event loop counts: written by its thread alone, which is cheap, and read by others. */
    private static final class Tally {
        private final AtomicLong received = new AtomicLong();
        private final SingleWriterRecorder latency = new SingleWriterRecorder(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);
        private long now;
        private int lastEnd;
        /** A latency that was met so many times in a row, and not recorded yet: those of one read are often the same. */
        private long met;

        private long times;

        /**
         * The time, looked at once a read where a read is all of one buffer: echoes that stand in it one behind another came
         * together. The clock and the recorder take longer than the engine does for a small message.
         */
        long arrival(ByteBuffer payload, boolean isOneBufferARead) {
            if (!isOneBufferARead || payload.position() <= lastEnd) {
                now = System.nanoTime();
            }
            lastEnd = payload.limit();
            return now;
        }

        void count(long nanos) {
            received.lazySet(received.getPlain() + 1);
            if (nanos != met) {
                record();
                met = nanos;
            }
            times++;
        }

        void record() {
            if (times > 0) {
                latency.recordValueWithCount(Math.min(Math.max(met, 0), MAX_LATENCY_NANOS), times);
                times = 0;
            }
        }
    }

    /** From now on connections send nothing more, and ends of connections are no losses. */
    void stop() {
        stopped = true;
    }

    /** Echoes so far. */
    long received() {
        return tallies.values().stream()
                .mapToLong(tally -> tally.received.get())
                .sum();
    }

    /** Latency, in nanoseconds, of the echoes since this was last asked for. */
    Histogram latency() {
        Histogram all = new Histogram(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);
        tallies.values().forEach(tally -> all.add(tally.latency.getIntervalHistogram()));
        return all;
    }

    /** Echoes that were not what had been sent. */
    long wrong() {
        return wrong.sum();
    }

    /** Connections that ended before the run did. */
    long lost() {
        return lost.sum();
    }

    /**
     * One connection's part: it times its echoes, which come in the order of its messages.
     *
     * <p>Confined to the connection's event loop, but for {@link #begin} and, where it is paced, {@link #due}.
     */
    final class Connection implements WebSocketHandler {
        private final int inFlight;
        /** When messages under way were to leave: a ring. */
        private final long[] since;

        private long sent;
        private int nextSent;
        private int nextEchoed;
        /** Written by the loop alone; a pacer reads it. */
        private final AtomicLong echoed = new AtomicLong();

        /** What a client opens is one: the engine's, which can send what others send, too. */
        private io.duplex.connection.@Nullable Connection socket;

        private @Nullable Tally tally;
        private boolean plain;
        /** What has come of the echo that is coming, as far as it was right. */
        private int partsBytes;

        private boolean partsRight = true;

        /**
         * Creates a handler.
         *
         * @param inFlight messages under way at a time
         * @param paced whether messages leave when {@link #due} says, not as soon as an echo has come
         */
        Connection(int inFlight, boolean paced) {
            this.inFlight = paced ? 0 : inFlight;
            this.since = new long[inFlight];
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = (io.duplex.connection.Connection) opened;
            plain = !opened.handshake().isSecure();
            tally = tallies.computeIfAbsent(Thread.currentThread(), loop -> new Tally());
        }

        /** Has the first messages sent, on the event loop: as soon as the server has answered a ping. */
        void begin() {
            io.duplex.connection.Connection open = socket;
            if (open != null && inFlight > 0) {
                open.ping(ByteBuffer.allocate(0));
            }
        }

        @Override
        public void onPong(WebSocket from, ByteBuffer payload) {
            if (sent == 0) {
                long now = System.nanoTime();
                for (int i = 0; i < inFlight; i++) {
                    send(now);
                }
            }
        }

        /**
         * Sends a message that was to leave at {@code nanos}: its latency counts from then, however late the sender or the
         * connection is, so that a stall shows in every message that it delayed. One thread's.
         *
         * @return false if too many are under way, so that it has to wait
         */
        boolean due(long nanos) {
            if (sent - echoed.get() >= since.length) {
                return false;
            }
            send(nanos);
            return true;
        }

        private void send(long nanos) {
            io.duplex.connection.Connection open = socket;
            if (open != null) {
                since[nextSent] = nanos;
                nextSent = nextSent + 1 == since.length ? 0 : nextSent + 1;
                sent++;
                open.send(message);
            }
        }

        /** A long echo need not be put together: that would cost as much again as to read it. */
        @Override
        public Delivery delivery() {
            return Delivery.PARTS;
        }

        @Override
        public void onTextPart(WebSocket from, ByteBuffer utf8, boolean last) {
            echo(utf8, true, last);
        }

        @Override
        public void onBinaryPart(WebSocket from, ByteBuffer payload, boolean last) {
            echo(payload, false, last);
        }

        private void echo(ByteBuffer part, boolean asText, boolean last) {
            long number = echoed.getPlain();
            partsRight = partsRight && asText == message.isText() && isRight(part, number);
            if (partsRight) {
                partsBytes += part.remaining();
            }
            if (last) {
                boolean right = partsRight && partsBytes == message.length();
                partsBytes = 0;
                partsRight = true;
                end(part, right, number);
            }
        }

        private boolean isRight(ByteBuffer part, long number) {
            return part.remaining() <= message.length() - partsBytes
                    && (number % SAMPLE != 0 || part.mismatch(expected.slice(partsBytes, part.remaining())) < 0);
        }

        private void end(ByteBuffer lastPart, boolean right, long number) {
            Tally counters = tally;
            if (counters == null || !right) {
                wrong.increment();
                return;
            }
            long now = counters.arrival(lastPart, plain);
            long start = since[nextEchoed];
            nextEchoed = nextEchoed + 1 == since.length ? 0 : nextEchoed + 1;
            echoed.lazySet(number + 1);
            counters.count(now - start);
            if (inFlight > 0 && !stopped) {
                send(now);
            }
        }

        @Override
        public void onClose(WebSocket from, CloseOutcome outcome) {
            if (!stopped) {
                lost.increment();
            }
        }
    }
}
