package io.duplex.testkit;

import io.duplex.BufferSource;
import io.duplex.connection.Loop;
import io.duplex.connection.SendBudget;
import io.duplex.extension.DeflatePool;
import io.duplex.protocol.Workspace;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Lends fresh heap buffers, filled with what no reader may rely on, and counts those that are out. */
final class HeapBuffers implements BufferSource {
    private static final byte JUNK = (byte) 0xA5;
    /** A pool's buffers are seldom exactly as big as was asked for. */
    private static final int MORE_BYTES = 64;
    /** More than any test sends. */
    private static final long MAX_SEND_BYTES = 1L << 30;

    private final AtomicInteger lent = new AtomicInteger();
    private final SendBudget sendBudget = new SendBudget(MAX_SEND_BYTES, () -> {});
    private volatile boolean exhausted;

    /** What the connections of a loop share, with these buffers and predictable masking keys. */
    Loop loop(Executor executor, LongSupplier nanoClock) {
        return new Loop(new Workspace(this, new CountedKeys(), new DeflatePool()), sendBudget, executor, nanoClock);
    }

    int lent() {
        return lent.get();
    }

    void exhaust() {
        exhausted = true;
    }

    @Override
    public Lease acquire(int bytes) {
        if (exhausted) {
            throw new OutOfMemoryError("test lends no more");
        }
        byte[] memory = new byte[bytes + MORE_BYTES];
        Arrays.fill(memory, JUNK);
        lent.incrementAndGet();
        return new HeapLease(ByteBuffer.wrap(memory));
    }

    private final class HeapLease implements Lease {
        private final ByteBuffer bytes;
        private boolean released;

        HeapLease(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public ByteBuffer bytes() {
            if (released) {
                throw new IllegalStateException("buffer was given back");
            }
            return bytes;
        }

        @Override
        public void release() {
            if (released) {
                throw new IllegalStateException("buffer was given back before");
            }
            released = true;
            lent.decrementAndGet();
        }
    }

    private static final class CountedKeys implements IntSupplier {
        private int next = 0x01020304;

        @Override
        public int getAsInt() {
            next += 0x01010101;
            return next;
        }
    }
}
