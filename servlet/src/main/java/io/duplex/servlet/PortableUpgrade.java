package io.duplex.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What any servlet container calls once it has upgraded a connection, which it then goes on serving. Public only because
 * containers create it by reflection.
 */
public final class PortableUpgrade implements HttpUpgradeHandler {
    private @Nullable Opening opening;
    private @Nullable ContainerTransport transport;

    /** Creates the handler of one connection. */
    public PortableUpgrade() {}

    void prepare(Opening prepared) {
        opening = prepared;
    }

    @Override
    public void init(WebConnection connection) {
        Opening prepared = Objects.requireNonNull(opening, "the upgrade was not prepared");
        ServletHost host = prepared.host();
        if (host.handOff() == HandOff.ALWAYS) {
            host.logImpossible(connection.getClass().getName());
            prepared.ended(null);
            closeQuietly(connection);
            return;
        }
        ContainerLoop loop = host.nextLoop();
        if (loop == null) {
            prepared.ended(null);
            closeQuietly(connection);
            return;
        }
        host.logWay("served through the streams of " + connection.getClass().getName());
        try {
            StreamWire wire = new StreamWire(connection);
            ContainerTransport made = new ContainerTransport(loop, wire, prepared);
            transport = made;
            listen(wire, made);
            made.open();
        } catch (IOException e) {
            prepared.ended(null);
            closeQuietly(connection);
        }
    }

    /** A peer that has reset already is told of here and now, by some containers with an exception besides. */
    private static void listen(StreamWire wire, ContainerTransport transport) {
        Events events = new Events(transport);
        try {
            wire.in().setReadListener(events);
            wire.out().setWriteListener(events);
        } catch (IllegalStateException closed) {
            transport.onFailed(new IOException("the container has closed the connection", closed));
        }
    }

    private static void closeQuietly(WebConnection connection) {
        try {
            connection.close();
        } catch (Exception gone) {
            System.getLogger(PortableUpgrade.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing an upgraded connection failed", gone);
        }
    }

    /** The container ends the connection. */
    @Override
    public void destroy() {
        if (transport != null) {
            transport.onFailed(null);
        }
    }

    private record Events(ContainerTransport transport) implements ReadListener, WriteListener {
        @Override
        public void onDataAvailable() {
            transport.onReadable();
        }

        @Override
        public void onAllDataRead() {
            transport.onReadable();
        }

        @Override
        public void onWritePossible() {
            transport.onWritable();
        }

        @Override
        public void onError(Throwable fault) {
            transport.onFailed(fault);
        }
    }
}
