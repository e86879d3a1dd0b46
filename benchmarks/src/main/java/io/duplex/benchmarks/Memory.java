package io.duplex.benchmarks;

import io.duplex.BufferSource;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** Direct memory that is used again, in sizes of powers of two. */
final class Memory implements BufferSource {
    private final Deque<Lease>[] idle;

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of Deque<Lease>
    Memory() {
        idle = new Deque[Integer.SIZE];
        for (int i = 0; i < idle.length; i++) {
            idle[i] = new ArrayDeque<>();
        }
    }

    @Override
    public Lease acquire(int bytes) {
        int power = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(bytes, 1) - 1);
        Lease lease = idle[power].poll();
        return lease == null ? new DirectLease(ByteBuffer.allocateDirect(1 << power), idle[power]) : lease;
    }

    private record DirectLease(ByteBuffer bytes, Deque<Lease> home) implements Lease {
        @Override
        public void release() {
            home.push(this);
        }
    }
}
