package io.duplex.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What Jetty has in place of an HTTP connection that was upgraded. Jetty goes on serving its socket. */
final class JettyUpgrade extends AbstractConnection implements Connection.UpgradeTo {
    private final Opening opening;
    private final Ends wire;
    /** {@code null} before it is open, or if the host has ended. */
    private volatile @Nullable ContainerTransport transport;

    JettyUpgrade(EndPoint socket, Executor executor, Opening opening) {
        super(socket, executor);
        this.opening = opening;
        this.wire = new Ends();
    }

    /** Comes first if frames came with the request. */
    @Override
    public void onUpgradeTo(ByteBuffer early) {
        wire.early = ByteBuffer.allocate(early.remaining()).put(early).flip();
    }

    @Override
    public void onOpen() {
        super.onOpen();
        ServletHost host = opening.host();
        ContainerLoop loop = host.nextLoop();
        if (loop == null || host.handOff() == HandOff.ALWAYS) {
            if (loop != null) {
                host.logImpossible(getEndPoint().getClass().getName());
            }
            opening.ended(null);
            getEndPoint().close();
            return;
        }
        host.logWay("served through Jetty's " + getEndPoint().getClass().getSimpleName());
        // The engine knows better who is idle.
        getEndPoint().setIdleTimeout(0);
        ContainerTransport made = new ContainerTransport(loop, wire, opening);
        transport = made;
        made.open();
    }

    @Override
    public void onFillable() {
        ContainerTransport served = transport;
        if (served != null) {
            served.onReadable();
        }
    }

    @Override
    public void onFillInterestedFailed(Throwable fault) {
        failed(fault);
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        failed(cause);
    }

    private void failed(@Nullable Throwable fault) {
        ContainerTransport served = transport;
        if (served != null) {
            served.onFailed(fault);
        }
    }

    /** The socket's ends. Confined to the connection's loop, but for the callback. */
    private final class Ends implements Wire, Callback {
        private @Nullable ByteBuffer early;
        private volatile boolean writing;

        @Override
        public int read(ByteBuffer into) throws IOException {
            ByteBuffer first = early;
            if (first != null) {
                int bytes = Math.min(first.remaining(), into.remaining());
                into.put(first.slice().limit(bytes));
                first.position(first.position() + bytes);
                early = first.hasRemaining() ? first : null;
                return bytes;
            }
            // Jetty fills from the limit on.
            int bytes = getEndPoint().fill(into.slice().limit(0));
            if (bytes > 0) {
                into.position(into.position() + bytes);
            } else if (bytes == 0 && !isFillInterested()) {
                fillInterested();
            }
            return bytes;
        }

        @Override
        public boolean isReady() {
            return !writing;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            writing = true;
            getEndPoint().write(this, ByteBuffer.wrap(bytes, offset, length));
        }

        @Override
        public void succeeded() {
            writing = false;
            ContainerTransport served = transport;
            if (served != null) {
                served.onWritable();
            }
        }

        @Override
        public void failed(Throwable fault) {
            JettyUpgrade.this.failed(fault);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public void close() {
            getEndPoint().close();
        }
    }
}
