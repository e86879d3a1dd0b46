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
        host.logWay("served through the streams of " + connection.getClass().getName());
        try {
            StreamWire wire = new StreamWire(connection);
            ContainerTransport made = new ContainerTransport(host.nextLoop(), wire, prepared);
            transport = made;
            Events events = new Events(made);
            wire.in().setReadListener(events);
            wire.out().setWriteListener(events);
            made.open();
        } catch (IOException e) {
            prepared.ended(null);
            closeQuietly(connection);
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
