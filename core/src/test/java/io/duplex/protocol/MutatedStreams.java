package io.duplex.protocol;

import io.duplex.BufferSource;
import io.duplex.Limits;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives damaged sessions to engines, each twice: in one piece and in random pieces. Whatever comes of a stream must be the
 * same both times, must come within a second, and in no more memory than a message may have and 64 KiB. Confined to one
 * thread, but for the figures.
 */
final class MutatedStreams {
    private static final Limits LIMITS = Limits.builder()
            .maxMessageBytes(16 << 10)
            .maxFrameBytes(12 << 10)
            .maxFragments(8)
            .build();

    private static final int MAX_MEMORY_BYTES = LIMITS.maxMessageBytes() + (64 << 10);
    private static final long MAX_NANOS = 1_000_000_000L;
    private static final int MAX_PIECE_BYTES = 200;

    private final Mutator mutator = new Mutator(Session.various());
    private final Lender lender;
    private final DeflatePool zlib = new DeflatePool();
    private final Sink sink;
    private final ByteBuffer input;
    private final Map<Event, AtomicLong> eventCounts = new EnumMap<>(Event.class);
    private volatile long slowestNanos;

    /** @param direct whether all buffers are direct */
    MutatedStreams(boolean direct) {
        lender = new Lender(direct);
        sink = new Sink(direct);
        for (Event event : Event.values()) {
            eventCounts.put(event, new AtomicLong());
        }
        int capacity = mutator.bytes().length;
        input = direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
    }

    /**
     * Runs the stream that {@code seed} stands for.
     *
     * @throws AssertionError if anything about it is wrong; the message has the seed
     */
    void run(long seed) {
        long start = System.nanoTime();
        try {
            mutator.seed(seed);
            Session session = mutator.mutate();
            Delivery delivery = mutator.next(4) == 0 ? Delivery.PARTS : Delivery.WHOLE;
            int whole = digest(session, delivery, false);
            int pieces = digest(session, delivery, true);
            if (whole != pieces) {
                throw new AssertionError("pieces make a difference");
            }
        } catch (RuntimeException | Error fault) {
            throw new AssertionError("stream " + seed + ": " + fault, fault);
        }
        long nanos = System.nanoTime() - start;
        slowestNanos = Math.max(slowestNanos, nanos);
        if (nanos > MAX_NANOS) {
            throw new AssertionError("stream " + seed + " took " + nanos / 1_000_000 + " ms");
        }
    }

    private int digest(Session session, Delivery delivery, boolean inPieces) {
        Workspace workspace = new Workspace(lender, () -> 0, zlib);
        WebSocketProtocol protocol = new WebSocketProtocol(
                session.receiver(),
                LIMITS,
                delivery,
                session.compression(),
                PermessageDeflate.DEFAULT,
                workspace,
                sink);
        input.clear().put(mutator.bytes(), 0, mutator.length());
        sink.digest = 0;
        int digest = 1;
        int part = 1;
        for (int from = 0; from < mutator.length(); ) {
            int length = mutator.length() - from;
            int to = from + (inPieces ? Math.min(length, 1 + mutator.next(1 + mutator.next(MAX_PIECE_BYTES))) : length);
            input.limit(to).position(from);
            for (Event event; (event = protocol.receive(input)) != null; ) {
                eventCounts.get(event).incrementAndGet();
                switch (event) {
                    case TEXT, BINARY, PING, PONG ->
                        digest = bytes(31 * digest + event.name().hashCode(), protocol.payload());
                    case TEXT_PART, BINARY_PART -> {
                        part = bytes(part, protocol.payload());
                        if (protocol.isLastPart()) {
                            digest = 31 * (31 * digest + event.name().hashCode()) + part;
                            part = 1;
                        }
                    }
                    case CLOSE_RECEIVED -> digest = 31 * digest + Objects.hashCode(protocol.closeReceived());
                    case FAILED ->
                        digest = 31 * digest
                                + Objects.requireNonNull(protocol.violation())
                                        .name()
                                        .hashCode();
                }
            }
            if (input.hasRemaining()) {
                throw new AssertionError("engine left " + input);
            }
            from = to;
        }
        protocol.receiveEof();
        workspace.close();
        lender.requireAllBack();
        return 31 * digest + sink.settle();
    }

    private static int bytes(int digest, ByteBuffer content) {
        int all = digest;
        for (int i = content.position(); i < content.limit(); i++) {
            all = 31 * all + content.get(i);
        }
        return all;
    }

    /** How often an event came, in one piece and in pieces. */
    long count(Event event) {
        return eventCounts.get(event).get();
    }

    /** The longest that a stream has taken, both times together. */
    long slowestNanos() {
        return slowestNanos;
    }

    /** The most that was on loan at a time. */
    long peakBytes() {
        return lender.peakBytes;
    }

    /** Lends the same buffers again and again, by size. */
    private static final class Lender implements BufferSource {
        private final boolean direct;
        private final Deque<Loan>[] idle;
        private long lentBytes;
        private volatile long peakBytes;

        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generics
        Lender(boolean direct) {
            this.direct = direct;
            idle = new Deque[Integer.SIZE];
            for (int i = 0; i < idle.length; i++) {
                idle[i] = new ArrayDeque<>();
            }
        }

        @Override
        public Lease acquire(int bytes) {
            int size = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1);
            lentBytes += bytes;
            peakBytes = Math.max(peakBytes, lentBytes);
            if (lentBytes > MAX_MEMORY_BYTES) {
                throw new AssertionError("engine holds " + lentBytes + " bytes, limit " + MAX_MEMORY_BYTES);
            }
            Loan loan = idle[size].poll();
            if (loan == null) {
                loan = new Loan(size, direct ? ByteBuffer.allocateDirect(1 << size) : ByteBuffer.allocate(1 << size));
            }
            loan.counted = bytes;
            loan.out = true;
            return loan;
        }

        void requireAllBack() {
            if (lentBytes != 0) {
                throw new AssertionError("engine has kept " + lentBytes + " bytes");
            }
        }

        private final class Loan implements Lease {
            private final int size;
            private final ByteBuffer buffer;
            private int counted;
            private boolean out;

            Loan(int size, ByteBuffer buffer) {
                this.size = size;
                this.buffer = buffer;
            }

            @Override
            public ByteBuffer bytes() {
                return buffer;
            }

            @Override
            public void release() {
                if (!out) {
                    throw new AssertionError("buffer was given back twice");
                }
                out = false;
                lentBytes -= counted;
                buffer.clear();
                idle[size].push(this);
            }
        }
    }

    /** Takes what the engine sends and keeps only what it comes to. */
    private static final class Sink implements Outgoing {
        private final ByteBuffer room;
        private int digest;

        Sink(boolean direct) {
            room = direct ? ByteBuffer.allocateDirect(MAX_ROOM) : ByteBuffer.allocate(MAX_ROOM);
        }

        @Override
        public ByteBuffer room(int bytes) {
            settle();
            return room.limit(bytes);
        }

        @Override
        public void write(ByteBuffer payload) {
            settle();
            digest = bytes(digest, payload);
            payload.position(payload.limit());
        }

        int settle() {
            digest = bytes(digest, room.flip());
            room.clear();
            return digest;
        }
    }
}
