package io.duplex.client;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.WebSocketUri;
import io.duplex.transport.SocketLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect (RFC 6455 §4.1): looks the host up, waits for its turn, connects to one address after the other until
 * one answers, and leaves the rest to {@link ClientOpening}. Confined to its event loop, but for {@link #start}, {@link
 * #future} and {@link #cancel}.
 */
final class ConnectionAttempt {
    private final ClientSettings client;
    private final WebSocketUri uri;
    private final ClientHandshake handshake;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final SocketLoop loop;
    private final CompletableFuture<WebSocket> future = new CompletableFuture<>();
    private final Queue<SocketAddress> addresses = new ArrayDeque<>(2);
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private long nanosLeft;
    private long clockStartedNanos;
    private String phase = "looking up the host";
    private @Nullable SocketAddress turn;
    private @Nullable Channel channel;
    private @Nullable ClientOpening opening;
    private boolean done;

    ConnectionAttempt(
            ClientSettings client,
            WebSocketUri uri,
            ClientHandshake handshake,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        this.client = client;
        this.uri = uri;
        this.handshake = handshake;
        this.handlers = handlers;
        this.loop = client.loops().next();
        this.nanosLeft = client.timeouts().handshake().toNanos();
    }

    /** Completed on the event loop; cancelling it ends the attempt. */
    CompletableFuture<WebSocket> future() {
        return future;
    }

    void start() {
        future.whenComplete((socket, failure) -> {
            if (future.isCancelled()) {
                cancel("was cancelled");
            }
        });
        onLoop(this::lookUp);
    }

    /** Ends the attempt. Does nothing if it has ended. */
    void cancel(String why) {
        onLoop(() -> fail(failure(why, null)));
    }

    private void onLoop(Runnable task) {
        try {
            loop.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(failure("client is closed", e));
        }
    }

    private void lookUp() {
        if (done) {
            return;
        }
        Path socket = client.unixSocket();
        if (socket != null) {
            awaitTurn(client.loops().kind().unixAddress(socket));
            return;
        }
        startClock();
        try {
            client.resolver()
                    .resolve(uri.host(), uri.port())
                    .whenComplete((found, failure) -> onLoop(() -> onLookedUp(found, failure)));
        } catch (RejectedExecutionException e) {
            fail(failure("client is closed", e));
        }
    }

    private void onLookedUp(@Nullable List<InetSocketAddress> found, @Nullable Throwable failure) {
        if (done) {
            return;
        }
        stopClock();
        if (found != null) {
            addresses.addAll(found);
            awaitTurn(addresses.remove());
        } else if (failure instanceof UnknownHostException) {
            fail(failure("host '" + uri.host() + "' is unknown", failure));
        } else {
            fail(failure("looking up host '" + uri.host() + "' failed", failure));
        }
    }

    private void awaitTurn(SocketAddress address) {
        client.connecting().enter(address, () -> onLoop(() -> connect(address)));
    }

    private void connect(SocketAddress address) {
        if (done) {
            client.connecting().leave(address);
            return;
        }
        turn = address;
        startClock();
        phase = "connecting to " + text(address);
        ChannelFuture connected = client.loops()
                .connect(loop, address, client.tls().handler(uri), transport -> {
                    ClientOpening created = new ClientOpening(client, this, handshake, handlers, transport);
                    opening = created;
                    return created;
                });
        channel = connected.channel();
        connected.addListener(future -> {
            if (!future.isSuccess() && !done) {
                onNotConnected(address, future.cause());
            }
        });
    }

    private void onNotConnected(SocketAddress address, Throwable cause) {
        stopClock();
        leaveTurn();
        opening = null;
        SocketAddress another = addresses.poll();
        if (another != null) {
            awaitTurn(another);
        } else if (cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused")) {
            fail(failure("connection refused by " + text(address), cause));
        } else {
            fail(failure("cannot connect to " + text(address) + ": " + cause.getMessage(), cause));
        }
    }

    private static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return "the Unix domain socket " + address;
        }
        String host = inet.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }

    /** Tells what is being done now, in case it takes too long. */
    void phase(String name) {
        phase = name;
    }

    void succeed(WebSocket socket) {
        end();
        if (!future.complete(socket)) {
            socket.abort();
        }
    }

    void fail(HandshakeException failure) {
        if (done) {
            return;
        }
        end();
        ClientOpening live = opening;
        if (live != null) {
            live.abandon();
        } else if (channel != null) {
            channel.close();
        }
        future.completeExceptionally(failure);
    }

    private void end() {
        done = true;
        loop.core().timers().cancel(timer);
        leaveTurn();
    }

    private void leaveTurn() {
        SocketAddress held = turn;
        if (held != null) {
            turn = null;
            client.connecting().leave(held);
        }
    }

    /** The time spent waiting for a turn does not count: it is others who take it. */
    private void startClock() {
        if (nanosLeft > 0) {
            clockStartedNanos = System.nanoTime();
            loop.core().timers().schedule(timer, nanosLeft);
        }
    }

    private void stopClock() {
        if (nanosLeft > 0) {
            loop.core().timers().cancel(timer);
            nanosLeft = Math.max(1, nanosLeft - (System.nanoTime() - clockStartedNanos));
        }
    }

    private long onTimeout(long nowNanos) {
        ClientOpening live = opening;
        HandshakeException refusal = live == null ? null : live.refusal();
        if (refusal != null) {
            fail(refusal);
        } else {
            double seconds = client.timeouts().handshake().toMillis() / 1000.0;
            fail(failure("timeout: still " + phase + " after " + seconds + " s", null));
        }
        return TimerWheel.Watch.NEVER;
    }

    /** A failure that names the URI, but not its query, which may hold a password. */
    HandshakeException failure(String what, @Nullable Throwable cause) {
        return new HandshakeException(name() + ": " + what, cause);
    }

    /** A failure with what the server answered. */
    HandshakeException failure(HandshakeException answer, byte[] body) {
        return new HandshakeException(
                answer.status(), name() + ": " + answer.getMessage(), answer.headers(), body, answer.getCause());
    }

    private String name() {
        String text = uri.toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }
}
