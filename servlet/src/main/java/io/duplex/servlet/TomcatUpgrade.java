package io.duplex.servlet;

import io.duplex.CloseOutcome;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import io.duplex.connection.Loop;
import io.duplex.connection.SocketLoops;
import io.duplex.connection.Transport;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.util.Objects;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * What Tomcat calls once it has upgraded a connection. A plain-text socket of its NIO endpoint goes to event loops of our own;
 * Tomcat keeps the wrapper around it, which counts the connection, until that has ended. All others stay with Tomcat. Public
 * only because Tomcat creates it by reflection.
 */
public final class TomcatUpgrade implements InternalHttpUpgradeHandler {
    private @Nullable Opening opening;
    private @Nullable SocketWrapperBase<?> socket;
    private volatile @Nullable Connection handedOff;
    /** {@code null} unless Tomcat goes on serving the socket. */
    private @Nullable ContainerTransport transport;

    private @Nullable TomcatWire wire;
    private boolean begun;

    /** Creates the handler of one connection. */
    public TomcatUpgrade() {}

    void prepare(Opening prepared) {
        opening = prepared;
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
        socket = wrapper;
    }

    @Override
    public void setSslSupport(SSLSupport sslSupport) {}

    @Override
    public void init(WebConnection connection) {}

    /** Comes first right after {@link #init}, whether there is something to read or not. */
    @Override
    public SocketState upgradeDispatch(SocketEvent event) {
        SocketWrapperBase<?> wrapper = Objects.requireNonNull(socket, "Tomcat gave no socket");
        if (!begun) {
            begun = true;
            return begin(wrapper, Objects.requireNonNull(opening, "the upgrade was not prepared"));
        }
        ContainerTransport served = transport;
        if (served == null) {
            // Whose socket was handed off hears nothing but that Tomcat stops.
            abort();
            return SocketState.CLOSED;
        }
        if (event == SocketEvent.OPEN_READ) {
            served.onReadable();
        } else if (event == SocketEvent.OPEN_WRITE) {
            onWritable(served);
        } else {
            served.onFailed(wrapper.getError());
        }
        return served.isEnded() ? SocketState.CLOSED : SocketState.SUSPENDED;
    }

    private void onWritable(ContainerTransport served) {
        try {
            Objects.requireNonNull(wire).onWritable();
            served.onWritable();
        } catch (IOException e) {
            served.onFailed(e);
        }
    }

    private SocketState begin(SocketWrapperBase<?> wrapper, Opening prepared) {
        ServletHost host = prepared.host();
        SocketLoops loops = host.socketLoops();
        if (loops != null
                && wrapper instanceof NioEndpoint.NioSocketWrapper nio
                && nio.getSocket().getClass() == NioChannel.class) {
            host.logWay("handed off to event loops");
            handOff(nio, loops, prepared);
            return SocketState.SUSPENDED;
        }
        if (host.handOff() == HandOff.ALWAYS && !host.hasEnded()) {
            host.logImpossible(wrapper.getSocket().getClass().getName());
            prepared.ended(null);
            return SocketState.CLOSED;
        }
        ContainerLoop loop = host.nextLoop();
        if (loop == null) {
            prepared.ended(null);
            return SocketState.CLOSED;
        }
        host.logWay("served through Tomcat's " + wrapper.getSocket().getClass().getSimpleName());
        TomcatWire served = new TomcatWire(wrapper);
        wire = served;
        ContainerTransport made = new ContainerTransport(loop, served, prepared);
        transport = made;
        made.open();
        return made.isEnded() ? SocketState.CLOSED : SocketState.SUSPENDED;
    }

    private void handOff(NioEndpoint.NioSocketWrapper wrapper, SocketLoops loops, Opening prepared) {
        NioChannel channel = wrapper.getSocket();
        SocketBufferHandler buffers = channel.getBufHandler();
        buffers.configureReadBufferForRead();
        loops.adopt(channel.getIOChannel(), buffers.getReadBuffer(), new HandedOff(wrapper, prepared));
    }

    /** Gives Tomcat its wrapper back at the end. */
    private final class HandedOff implements Adoption {
        private final SocketWrapperBase<?> wrapper;
        private final Opening prepared;

        HandedOff(SocketWrapperBase<?> wrapper, Opening prepared) {
            this.wrapper = wrapper;
            this.prepared = prepared;
        }

        @Override
        public Connection connect(Loop loop, Transport transport) {
            Connection made = prepared.connect(loop, transport);
            handedOff = made;
            return made;
        }

        @Override
        public void ended(@Nullable CloseOutcome outcome) {
            handedOff = null;
            try {
                prepared.ended(outcome);
            } finally {
                wrapper.close();
            }
        }
    }

    private void abort() {
        Connection live = handedOff;
        if (live != null) {
            live.abort();
        }
    }

    @Override
    public void timeoutAsync(long now) {}

    @Override
    public void pause() {}

    /** Tomcat closes the socket. */
    @Override
    public void destroy() {
        abort();
        ContainerTransport served = transport;
        if (served != null && !served.isEnded()) {
            served.onFailed(null);
        }
        if (!begun && opening != null) {
            begun = true;
            opening.ended(null);
        }
    }
}
