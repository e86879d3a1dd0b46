package io.duplex.testkit;

import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Topics;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.ExtensionHeader;
import io.duplex.extension.PermessageDeflate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory: joins real connections, which run on one event loop, without sockets. With a {@link VirtualLoop} all
 * that happens on it is the same each time. Confined to the event loop.
 */
public final class MemoryNetwork {
    private final EventLoop loop;
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final Topics topics;
    private Limits limits = Limits.DEFAULT;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private PermessageDeflate compression = PermessageDeflate.DISABLED;

    /** A network on {@code loop}, with the default limits and timeouts, without compression. */
    public MemoryNetwork(EventLoop loop) {
        this(loop, new Topics());
    }

    /** As {@link #MemoryNetwork(EventLoop)}, sharing topics with other networks, whose loops may be others. */
    public MemoryNetwork(EventLoop loop, Topics topics) {
        this.loop = loop;
        this.topics = topics;
        topics.add(loop.shared());
    }

    /** Sets the limits of the connections to come. */
    public MemoryNetwork limits(Limits bounds) {
        limits = bounds;
        return this;
    }

    /** Sets the timeouts of the connections to come. */
    public MemoryNetwork timeouts(Timeouts times) {
        timeouts = times;
        return this;
    }

    /** Sets what the connections to come agree on; {@link PermessageDeflate#DISABLED} by default. */
    public MemoryNetwork compression(PermessageDeflate options) {
        compression = options;
        return this;
    }

    /** The loop on which all runs. */
    public EventLoop loop() {
        return loop;
    }

    /** What handlers threw, in order. */
    public List<Throwable> faults() {
        return faults;
    }

    /** Joins a client and a server, and opens the server first. */
    public MemoryLink connect(WebSocketHandler client, WebSocketHandler server) {
        return connect(client, server, TestHandshake.of("/"));
    }

    /** As {@link #connect(WebSocketHandler, WebSocketHandler)} with a handshake of the test's. */
    public MemoryLink connect(WebSocketHandler client, WebSocketHandler server, Handshake handshake) {
        MemoryPipe toServer = new MemoryPipe(loop, NobodyReads.INSTANCE);
        MemoryPipe toClient = new MemoryPipe(loop, NobodyReads.INSTANCE);
        MemoryTransport clientEnd = new MemoryTransport(loop, toClient, toServer);
        MemoryTransport serverEnd = new MemoryTransport(loop, toServer, toClient);
        Connection serverConnection = attach(Role.SERVER, server, handshake, serverEnd);
        Connection clientConnection = attach(Role.CLIENT, client, handshake, clientEnd);
        loop.execute(serverConnection::onOpen);
        loop.execute(clientConnection::onOpen);
        return new MemoryLink(clientConnection, serverConnection, toServer, toClient);
    }

    /** One connection whose other end is a script. */
    Connection attach(Role role, WebSocketHandler handler, Handshake handshake, MemoryTransport transport) {
        Connection connection = new Connection(
                role,
                handshake,
                agreed(),
                handler,
                new ConnectionSettings(limits, timeouts, compression, topics, (socket, fault) -> faults.add(fault)),
                loop.shared(),
                transport);
        transport.connection(connection);
        return connection;
    }

    private @Nullable DeflateParameters agreed() {
        return compression.isEnabled() ? compression.accept(ExtensionHeader.parse(List.of(compression.offer()))) : null;
    }
}
