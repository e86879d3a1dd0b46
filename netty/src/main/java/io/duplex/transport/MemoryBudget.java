package io.duplex.transport;

import io.duplex.connection.SendBudget;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory may be lent at a time. Where the JVM's direct memory runs out, the JDK lets the thread that asks sleep for
 * half a second before it says so, and on an event loop all connections with it: so it is not asked. Thread-safe.
 */
public final class MemoryBudget {
    private static final System.Logger LOGGER = System.getLogger(MemoryBudget.class.getName());
    private static final long LOG_PAUSE_NANOS = 60_000_000_000L;

    private static final long DIRECT_BYTES = PlatformDependent.estimateMaxDirectMemory();

    /** Of all event loops, as the memory is the JVM's. With {@link #SENDING} a quarter is left to TLS and to the pool's gaps. */
    static final MemoryBudget SHARED =
            new MemoryBudget(Long.getLong("io.duplex.maxReceiveMemoryBytes", DIRECT_BYTES / 2));

    /** What decompressors may take in all, and what they have to remember: about 80 KiB at most for each message under way. */
    static final long INFLATING_BYTES =
            Long.getLong("io.duplex.maxInflateMemoryBytes", Runtime.getRuntime().maxMemory() / 4);

    private static final AtomicLong LOGGED_NANOS = new AtomicLong(System.nanoTime() - LOG_PAUSE_NANOS);

    /** What waits for peers that do not read, be it in direct memory, where sockets take it from, or before that in the heap. */
    static final SendBudget SENDING = new SendBudget(
            Long.getLong(
                    "io.duplex.maxSendMemoryBytes",
                    Math.min(DIRECT_BYTES, Runtime.getRuntime().maxMemory()) / 4),
            MemoryBudget::logFull);

    /** Once in a while: it may be met by each message to thousands of peers. */
    private static void logFull() {
        long now = System.nanoTime();
        long logged = LOGGED_NANOS.get();
        if (now - logged >= LOG_PAUSE_NANOS && LOGGED_NANOS.compareAndSet(logged, now)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "io.duplex.maxSendMemoryBytes is reached: connections whose peers do not read are refused messages or closed");
        }
    }

    private final long maxBytes;
    private final AtomicLong lentBytes = new AtomicLong();

    /**
     * Creates a budget of which nothing is lent.
     *
     * @param maxBytes what may be lent
     */
    public MemoryBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Counts memory that is to be lent: at most twice what is then left for others, so that who wants little finds room
     * when those who want much do not. Returns whether there was so much.
     */
    public boolean tryTake(long bytes) {
        if (lentBytes.addAndGet(bytes) + bytes / 2 > maxBytes) {
            lentBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /**
     * The same.
     *
     * @throws OutOfMemoryError if it would be too much
     */
    void take(long bytes) {
        if (!tryTake(bytes)) {
            throw new OutOfMemoryError("more than " + maxBytes + " bytes would be held of what peers sent");
        }
    }

    /** Counts memory that is lent already. */
    public void add(long bytes) {
        lentBytes.addAndGet(bytes);
    }

    /** Counts memory that was given back. */
    public void give(long bytes) {
        lentBytes.addAndGet(-bytes);
    }

    /** Whether more than half is lent, so that who holds some of it for long should give it back. */
    boolean isShort() {
        return lentBytes.get() > maxBytes / 2;
    }

    /** What may be lent in all. */
    public long maxBytes() {
        return maxBytes;
    }

    /** What may be lent yet; less than 0 where {@link #add} took more. */
    public long left() {
        return maxBytes - lentBytes.get();
    }
}
