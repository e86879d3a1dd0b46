package io.duplex.client;

import io.duplex.client.ConnectingQueue.Turn;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketLoop;
import io.duplex.transport.SocketTransport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects by TCP to one of the addresses of a host, as RFC 8305 has it: to the preferred one first, and while it does not
 * answer, to another one every 250 ms, of the two families in turn; at once if one fails. Who is connected first wins, the
 * others are closed. So a family that does not work costs a quarter of a second, not a timeout. Confined to its event loop.
 */
final class AddressRace {
    /** RFC 8305 §5 recommends it. */
    static final int STAGGER_MILLIS = 250;

    private static final int MAX_NAMED_FAILURES = 4;

    /** Who wants to know how it goes. */
    interface Observer {
        /** An address is being connected to. */
        void onConnecting(String address);

        /** Nothing is being connected to: all wait for their turns. */
        void onWaiting();

        /**
         * The first to be connected. Its listener is to be set.
         *
         * @param turn the winner's, to be ended; {@code null} if it did not have to queue
         */
        void onConnected(SocketTransport transport, @Nullable Turn turn);

        /** None could be connected. */
        void onNotConnected(String why, Throwable cause);
    }

    private final ClientSettings client;
    private final SocketLoop loop;
    private final boolean queues;
    private final boolean tlsFollows;
    private final Observer observer;
    private final Queue<SocketAddress> addresses;
    private final List<Try> tries = new ArrayList<>(1);
    private final List<String> failures = new ArrayList<>(1);
    private @Nullable ScheduledFuture<?> stagger;
    private int connecting;
    private boolean done;

    /**
     * Creates a race that has not begun.
     *
     * @param queues whether each address has to wait for its turn
     * @param addresses of the host, in the order of the look-up; at least one
     */
    AddressRace(
            ClientSettings client,
            SocketLoop loop,
            boolean queues,
            boolean tlsFollows,
            List<? extends SocketAddress> addresses,
            Observer observer) {
        this.client = client;
        this.loop = loop;
        this.queues = queues;
        this.tlsFollows = tlsFollows;
        this.addresses = new ArrayDeque<>(interleaved(addresses));
        this.observer = observer;
    }

    /** The addresses, one of each family in turn as long as there are both, beginning with that of the first (RFC 8305 §4). */
    static List<SocketAddress> interleaved(List<? extends SocketAddress> addresses) {
        Queue<SocketAddress> same = new ArrayDeque<>();
        Queue<SocketAddress> other = new ArrayDeque<>();
        for (SocketAddress address : addresses) {
            (isIpv6(address) == isIpv6(addresses.get(0)) ? same : other).add(address);
        }
        List<SocketAddress> ordered = new ArrayList<>(addresses.size());
        while (!same.isEmpty() || !other.isEmpty()) {
            if (!same.isEmpty()) {
                ordered.add(same.remove());
            }
            if (!other.isEmpty()) {
                ordered.add(other.remove());
            }
        }
        return ordered;
    }

    private static boolean isIpv6(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet6Address;
    }

    void start() {
        startNext();
    }

    /** Gives up all that has not been handed to the observer. */
    void stop() {
        done = true;
        if (stagger != null) {
            stagger.cancel(false);
        }
        List.copyOf(tries).forEach(Try::giveUp);
        tries.clear();
    }

    private void startNext() {
        SocketAddress address = addresses.poll();
        if (done || address == null) {
            return;
        }
        Try next = new Try(address);
        tries.add(next);
        if (!addresses.isEmpty()) {
            if (stagger != null) {
                stagger.cancel(false);
            }
            stagger = loop.eventLoop().schedule(this::startNext, STAGGER_MILLIS, TimeUnit.MILLISECONDS);
        }
        next.start();
    }

    /** One address. */
    private final class Try implements SocketListener {
        private final SocketAddress address;
        private @Nullable Turn turn;
        private @Nullable Channel channel;
        private @Nullable SocketTransport transport;
        private boolean isLive;

        Try(SocketAddress address) {
            this.address = address;
        }

        void start() {
            if (queues) {
                // Later, even if its time is now: only then is the turn known.
                turn = client.connecting().enter(address, () -> loop.tryExecute(this::connect));
            } else {
                connect();
            }
        }

        private void connect() {
            if (done || !tries.contains(this)) {
                return;
            }
            connecting++;
            try {
                connectNow();
            } catch (Throwable fault) {
                onFailed(fault);
            }
        }

        private void connectNow() {
            observer.onConnecting(text(address));
            ChannelFuture connected = client.loops()
                    .connect(loop, address, tlsFollows, client.connectTimeout(), created -> {
                        transport = created;
                        return this;
                    });
            channel = connected.channel();
            connected.addListener(future -> {
                if (!future.isSuccess() && !done) {
                    onFailed(future.cause());
                }
            });
        }

        private void onFailed(Throwable cause) {
            connecting--;
            tries.remove(this);
            endTurn();
            failures.add(describe(cause));
            if (!addresses.isEmpty()) {
                startNext();
            } else if (tries.isEmpty()) {
                done = true;
                observer.onNotConnected(summary(), cause);
            } else if (connecting == 0) {
                observer.onWaiting();
            }
        }

        private String describe(Throwable cause) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof ConnectTimeoutException) {
                double seconds = client.connectTimeout().toMillis() / 1000.0;
                return "no connection to " + text(address) + " within " + seconds + " s";
            }
            if (cause instanceof ConnectException && message.contains("refused")) {
                return "connection refused by " + text(address);
            }
            return "cannot connect to " + text(address) + ": " + message;
        }

        @Override
        public void onActive() {
            SocketTransport connected = transport;
            if (connected == null) {
                throw new AssertionError("active before it was made");
            }
            isLive = true;
            if (!client.sockets().add(connected) || done) {
                connected.abort();
                return;
            }
            tries.remove(this);
            stop();
            try {
                observer.onConnected(connected, turn);
            } catch (Throwable fault) {
                observer.onNotConnected("connected to " + text(address) + ", but " + fault.getMessage(), fault);
                connected.abort();
            }
        }

        void giveUp() {
            endTurn();
            if (channel != null) {
                channel.close();
            }
        }

        private void endTurn() {
            if (turn != null) {
                turn.end();
            }
        }

        @Override
        public void onReadable(ByteBuffer in) {
            in.position(in.limit());
        }

        @Override
        public void onEof() {}

        @Override
        public void onClosed(@Nullable Throwable failure) {
            if (isLive && transport != null) {
                client.sockets().remove(transport);
            }
        }
    }

    private String summary() {
        if (failures.size() <= MAX_NAMED_FAILURES) {
            return String.join("; ", failures);
        }
        return String.join("; ", failures.subList(0, MAX_NAMED_FAILURES)) + "; and "
                + (failures.size() - MAX_NAMED_FAILURES) + " more addresses failed";
    }

    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return "the Unix domain socket " + address;
        }
        String host = inet.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }
}
