package io.duplex.transport;

import io.duplex.BufferSource;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Netty's pooled direct memory, for unfinished messages. Thread-safe. */
final class PooledBuffers implements BufferSource {
    @Override
    public Lease acquire(int bytes) {
        ByteBuf buffer = LoopGroup.ALLOCATOR.directBuffer(Math.max(bytes, 1));
        return new PooledLease(buffer, buffer.nioBuffer(0, buffer.capacity()));
    }

    private record PooledLease(ByteBuf buffer, ByteBuffer bytes) implements Lease {
        @Override
        public void release() {
            buffer.release();
        }
    }
}
