package io.duplex.transport;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Netty's NIO server channel that accepts {@link NioSocket}s. Public only because Netty creates it by reflection. */
public final class NioServer extends NioServerSocketChannel {
    /** Creates an unbound channel. */
    public NioServer() {}

    @Override
    protected int doReadMessages(List<Object> accepted) throws IOException {
        SocketChannel socket = javaChannel().accept();
        if (socket == null) {
            return 0;
        }
        accepted.add(new NioSocket(this, socket));
        return 1;
    }
}
