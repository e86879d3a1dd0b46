package io.duplex.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * One direction of a TCP connection in memory: bytes in order, a bounded buffer, and the faults of a network at the test's
 * will. Confined to the event loop.
 */
public final class MemoryPipe {
    /** Bytes that fit in by default, as in the two socket buffers of a TCP connection. */
    public static final int CAPACITY_BYTES = 64 << 10;

    private static final byte JUNK = 0x5A;

    /** Who takes the bytes out. */
    interface Reader {
        void onBytes(ByteBuffer in);

        void onEnd();

        void onReset(IOException failure);
    }

    private final EventLoop loop;
    private Reader reader;
    private Runnable roomAgain = () -> {};
    private byte[] bytes = new byte[256];
    private int from;
    private int to;
    /** Bytes that have been under way for long enough. */
    private int arrived;

    private boolean ended;
    private boolean endArrived;
    private boolean broken;
    private boolean held;
    private boolean reading = true;
    private boolean deliveryGiven;
    private int capacityBytes = CAPACITY_BYTES;
    private IntSupplier readSizes = () -> CAPACITY_BYTES;
    private Supplier<Duration> delays = () -> Duration.ZERO;
    private int writes;
    private long written;

    MemoryPipe(EventLoop loop, Reader reader) {
        this.loop = loop;
        this.reader = reader;
    }

    void reader(Reader next) {
        reader = next;
    }

    void onRoom(Runnable action) {
        roomAgain = action;
    }

    // The test's side

    /** Sets how many bytes fit in: beyond it the sender's back-pressure begins. 1 or more. */
    public MemoryPipe capacity(int maxBytes) {
        capacityBytes = maxBytes;
        return this;
    }

    /** Sets how many bytes each read takes at most, read by read: 1 takes the input apart bytewise. */
    public MemoryPipe readSizes(IntSupplier sizes) {
        readSizes = sizes;
        return this;
    }

    /** Sets how long what is written is under way, write by write. Bytes never overtake one another. */
    public MemoryPipe delays(Supplier<Duration> times) {
        delays = times;
        return this;
    }

    /** Delivers nothing until {@link #release}: the receiver does not read, or the network is stuck. */
    public void hold() {
        held = true;
    }

    /** Undoes {@link #hold}. */
    public void release() {
        held = false;
        deliver();
    }

    /** Bytes that are under way. */
    public int buffered() {
        return to - from;
    }

    /** How often something was written into it: system calls on a real network. */
    public int writes() {
        return writes;
    }

    /** Bytes that were ever written into it. */
    public long written() {
        return written;
    }

    // The ends' side

    /** Takes as much of {@code data} as there is room for. */
    void offer(ByteBuffer data) {
        int taken = Math.min(data.remaining(), capacityBytes - buffered());
        if (taken > 0) {
            int limit = data.limit();
            write(data.limit(data.position() + taken));
            data.limit(limit);
        }
    }

    /** Takes all of {@code data}, room or not. */
    void write(ByteBuffer data) {
        int length = data.remaining();
        if (bytes.length - to < length) {
            byte[] target = new byte[Math.max(2 * (buffered() + length), bytes.length)];
            System.arraycopy(bytes, from, target, 0, buffered());
            bytes = target;
            to -= from;
            from = 0;
        }
        data.get(bytes, to, length);
        to += length;
        writes++;
        written += length;
        later(() -> arrived += length);
    }

    /** Ends the direction behind all that was written: FIN. */
    void end() {
        if (!ended) {
            ended = true;
            later(() -> endArrived = true);
        }
    }

    /** Drops all that is under way and tells the reader: RST. */
    void reset() {
        discard();
        loop.schedule(delays.get(), () -> reader.onReset(new IOException("connection reset")));
    }

    /** Drops all that is under way and all that comes. */
    void discard() {
        broken = true;
        from = to;
    }

    void reading(boolean wanted) {
        reading = wanted;
        deliver();
    }

    private void later(Runnable arrival) {
        loop.schedule(delays.get(), () -> {
            arrival.run();
            deliver();
        });
    }

    private void deliver() {
        if (!deliveryGiven && isDeliverable()) {
            deliveryGiven = true;
            loop.execute(this::deliverOnce);
        }
    }

    private boolean isDeliverable() {
        return !held && reading && !broken && (arrived > 0 || endArrived && from == to);
    }

    private void deliverOnce() {
        deliveryGiven = false;
        if (!isDeliverable()) {
            return;
        }
        if (arrived == 0) {
            endArrived = false;
            reader.onEnd();
            return;
        }
        int length = Math.min(arrived, Math.max(1, readSizes.getAsInt()));
        byte[] read = Arrays.copyOfRange(bytes, from, from + length);
        from += length;
        arrived -= length;
        reader.onBytes(ByteBuffer.wrap(read));
        Arrays.fill(read, JUNK);
        roomAgain.run();
        deliver();
    }
}
