package io.duplex.transport;

import io.duplex.connection.Adoption;
import io.duplex.connection.SocketLoops;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Event loops for sockets that another server has accepted. They are the JDK's, as those are: a socket's number cannot be taken
 * out of it to be given to epoll. Thread-safe.
 */
final class AdoptingLoops implements SocketLoops {
    private final LoopGroup group;

    private AdoptingLoops(LoopGroup group) {
        this.group = group;
    }

    @Override
    public void adopt(SocketChannel socket, ByteBuffer early, Adoption adoption) {
        ByteBuffer kept = ByteBuffer.allocate(early.remaining()).put(early).flip();
        group.adopt(socket, transport -> new AdoptedSocket(transport, kept, adoption));
    }

    @Override
    public void close() {
        group.shutdown();
    }

    /** Starts {@link AdoptingLoops}. Public only because {@link java.util.ServiceLoader} creates it. */
    public static final class Provider implements SocketLoops.Provider {
        @Override
        public SocketLoops start(int threads, String name) {
            return new AdoptingLoops(new LoopGroup(IoKind.NIO, threads, name, true));
        }
    }
}
