import org.jspecify.annotations.NullMarked;

/** WebSocket server and client on Netty's transports. */
@NullMarked
module io.duplex.netty {
    requires transitive io.duplex.core;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.classes.io_uring;
    requires io.netty.transport.unix.common;
    requires static transitive org.jspecify;

    exports io.duplex.client;
    exports io.duplex.client.w3c;
    exports io.duplex.server;
    exports io.duplex.tls;

    provides io.duplex.connection.SocketLoops.Provider with
            io.duplex.transport.AdoptingLoops.Provider;
    provides io.duplex.connection.Connector.Provider with
            io.duplex.client.ClientConnectorProvider;
}
