package io.duplex.transport;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Netty's NIO channel whose socket can be written to at once. Public only because Netty creates it by reflection. */
public final class NioSocket extends NioSocketChannel {
    /** Creates a client's channel. */
    public NioSocket() {}

    NioSocket(@Nullable Channel parent, SocketChannel socket) {
        super(parent, socket);
    }

    void shutdownNow() throws IOException {
        javaChannel().shutdownOutput();
    }

    void writeNow(ByteBuffer bytes) throws IOException {
        javaChannel().write(bytes);
    }

    void writeNow(ByteBuffer[] pieces) throws IOException {
        javaChannel().write(pieces);
    }
}
