package io.duplex.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection's bytes, plain or under TLS. Nothing here waits. */
interface Wire {
    /**
     * Reads what there is.
     *
     * @param into has room for all that one read can bring
     * @return bytes that came, 0 for none, -1 at the end
     */
    int read(ByteBuffer into) throws IOException;

    /** Writes as much as goes out now; the rest stays in the buffer. */
    void write(ByteBuffer from) throws IOException;

    /**
     * Whether nothing more leaves before the socket is writable again.
     *
     * @param leftOver whether {@link #write} left something
     */
    boolean awaitsSocket(boolean leftOver);

    /** TCP's bytes. */
    record Plain(SocketChannel channel) implements Wire {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public void write(ByteBuffer from) throws IOException {
            channel.write(from);
        }

        @Override
        public boolean awaitsSocket(boolean leftOver) {
            return leftOver;
        }
    }
}
