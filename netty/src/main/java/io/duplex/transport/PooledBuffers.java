package io.duplex.transport;

import io.duplex.BufferSource;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Netty's pooled direct memory within a budget, for unfinished messages and heads. Thread-safe. */
final class PooledBuffers implements BufferSource {
    private final MemoryBudget budget;

    PooledBuffers(MemoryBudget budget) {
        this.budget = budget;
    }

    @Override
    public Lease acquire(int bytes) {
        int wanted = Math.max(bytes, 1);
        budget.take(wanted);
        ByteBuf buffer;
        try {
            buffer = LoopGroup.ALLOCATOR.directBuffer(wanted);
        } catch (OutOfMemoryError none) {
            budget.give(wanted);
            throw none;
        }
        return new PooledLease(budget, wanted, buffer, buffer.nioBuffer(0, buffer.capacity()));
    }

    private record PooledLease(MemoryBudget budget, int counted, ByteBuf buffer, ByteBuffer bytes) implements Lease {
        @Override
        public void release() {
            buffer.release();
            budget.give(counted);
        }
    }
}
