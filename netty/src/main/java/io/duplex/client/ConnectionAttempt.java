package io.duplex.client;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.ConnectingQueue.Turn;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.ResponseHead;
import io.duplex.handshake.WebSocketUri;
import io.duplex.transport.SocketLoop;
import io.duplex.transport.SocketTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect (RFC 6455 §4.1): looks the host up, waits for its turn, connects to one of the addresses, has a proxy
 * make a tunnel if there is one, and leaves the rest to {@link ClientOpening}; all of it again for each redirect that is
 * followed. Confined to its event loop, but for {@link #start}, {@link #future} and {@link #cancel}.
 */
final class ConnectionAttempt implements AddressRace.Observer {
    private static final int MAX_REASON_CHARS = 200;

    private final ClientSettings client;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final SocketLoop loop;
    private final CompletableFuture<WebSocket> future = new CompletableFuture<>();
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private final TimerWheel.Timer overallTimer = new TimerWheel.Timer(this::onOverallTimeout);
    private Target target;
    private ClientHandshake handshake;
    private int redirects;
    private @Nullable Proxy proxy;
    private long nanosLeft;
    private long clockStartedNanos;
    private boolean clockRuns;
    private String phase = "looking up the host";
    private @Nullable Turn turn;
    private @Nullable CompletableFuture<?> lookUp;
    private @Nullable AddressRace race;
    private @Nullable Stage stage;
    private boolean done;

    ConnectionAttempt(
            ClientSettings client,
            Target target,
            ClientHandshake handshake,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        this.client = client;
        this.target = target;
        this.handshake = handshake;
        this.handlers = handlers;
        this.loop = client.loops().next();
    }

    /** Completed on the event loop; whoever completes it before, by cancelling it say, ends the attempt. */
    CompletableFuture<WebSocket> future() {
        return future;
    }

    void start() {
        future.whenComplete((socket, failure) -> {
            if (failure != null) {
                cancel(future.isCancelled() ? "was cancelled" : "was given up");
            }
        });
        onLoop(() -> {
            if (!done && !client.overallTimeout().isZero()) {
                loop.core()
                        .timers()
                        .schedule(overallTimer, client.overallTimeout().toNanos());
            }
            begin();
        });
    }

    /** Ends the attempt. Does nothing if it has ended. */
    void cancel(String why) {
        onLoop(() -> fail(failure(why, null)));
    }

    private void onLoop(Runnable task) {
        boolean isTaken = loop.tryExecute(() -> {
            try {
                task.run();
            } catch (Throwable fault) {
                fail(failure("failed " + phase, fault));
            }
        });
        if (!isTaken) {
            future.completeExceptionally(failure("client is closed", null));
        }
    }

    // One server

    private void begin() {
        if (done) {
            return;
        }
        nanosLeft = client.timeouts().handshake().toNanos();
        if (client.unixSocket() == null) {
            phase = "choosing the proxy";
            proxy = client.proxies().proxyFor(target.uri());
        }
        if (needsTls() && !client.tls().isReady()) {
            prepareTls();
        } else {
            reach();
        }
    }

    private boolean needsTls() {
        return target.uri().isSecure() || proxy != null && proxy.kind() == Proxy.Kind.HTTPS;
    }

    /** Reading the trusted certificates takes long: not on the event loop. */
    private void prepareTls() {
        phase = "preparing TLS";
        try {
            client.resolver()
                    .run(() -> client.tls().prepare())
                    .whenComplete((nothing, failure) -> onLoop(() -> onTlsPrepared(failure)));
        } catch (RejectedExecutionException e) {
            fail(failure("client is closed", e));
        }
    }

    private void onTlsPrepared(@Nullable Throwable failure) {
        if (done) {
            return;
        }
        if (failure != null) {
            fail(failure("preparing TLS failed: " + failure.getMessage(), failure));
        } else {
            reach();
        }
    }

    private void reach() {
        Path socket = client.unixSocket();
        if (socket != null) {
            phase = "waiting for its turn to connect to " + socket;
            race(List.of(client.loops().kind().unixAddress(socket)));
            return;
        }
        WebSocketUri uri = target.uri();
        Proxy chosen = proxy;
        if (chosen == null) {
            lookUp(uri.host(), uri.port());
            return;
        }
        // What the proxy resolves the name to is unknown: each name counts as a server of its own.
        InetSocketAddress server = InetSocketAddress.createUnresolved(uri.host(), uri.port());
        phase = "waiting for its turn to connect to " + authority(uri);
        turn = client.connecting().enter(server, () -> onLoop(() -> lookUp(chosen.host(), chosen.port())));
    }

    private void lookUp(String host, int port) {
        if (done) {
            return;
        }
        startClock();
        phase = "looking up the host";
        try {
            CompletableFuture<List<InetSocketAddress>> addresses =
                    client.resolver().resolve(host, port);
            lookUp = addresses;
            addresses.whenComplete((found, failure) -> onLoop(() -> onLookedUp(host, found, failure)));
        } catch (RejectedExecutionException e) {
            fail(failure("client is closed", e));
        }
    }

    private void onLookedUp(String host, @Nullable List<InetSocketAddress> found, @Nullable Throwable failure) {
        if (done) {
            return;
        }
        String name = (proxy == null ? "host '" : "proxy '") + host + "'";
        if (found != null) {
            stopClock();
            phase = "waiting for its turn to connect to " + name;
            race(found);
        } else if (failure instanceof UnknownHostException) {
            fail(failure(name + " is unknown", failure));
        } else {
            fail(failure("looking up " + name + " failed", failure));
        }
    }

    private void race(List<? extends SocketAddress> addresses) {
        AddressRace begun = new AddressRace(client, loop, proxy == null, needsTls(), addresses, this);
        race = begun;
        begun.start();
    }

    @Override
    public void onConnecting(String address) {
        startClock();
        phase = "connecting to " + (proxy == null ? "" : "proxy ") + address;
    }

    @Override
    public void onWaiting() {
        stopClock();
        phase = "waiting for its turn to connect";
    }

    @Override
    public void onNotConnected(String why, Throwable cause) {
        fail(failure(proxy == null ? why : "proxy " + proxy + ": " + why, cause));
    }

    @Override
    public void onConnected(SocketTransport transport, @Nullable Turn raced) {
        race = null;
        if (raced != null) {
            turn = raced;
        }
        Proxy via = proxy;
        if (via == null) {
            open(transport);
            return;
        }
        WebSocketUri uri = target.uri();
        ProxyDialogue dialogue = via.kind() == Proxy.Kind.SOCKS5
                ? new Socks5(via, uri.host(), uri.port())
                : new HttpConnect(via, authority(uri), client.limits(), loop.headScratch());
        enter(new ProxyTunnel(client, this, via, dialogue, transport), transport);
        if (via.kind() == Proxy.Kind.HTTPS) {
            phase = "in the TLS handshake with proxy " + via;
            transport.startTls(client.tls().handler(via.host(), via.port()));
        }
    }

    /** A proxy's tunnel to the server stands. */
    void onTunnel(SocketTransport transport) {
        open(transport);
        if (!target.uri().isSecure() && stage != null) {
            stage.onConnected();
        }
    }

    private void open(SocketTransport transport) {
        WebSocketUri uri = target.uri();
        enter(new ClientOpening(client, this, uri, handshake, handlers, transport), transport);
        if (uri.isSecure()) {
            phase = "in the TLS handshake";
            transport.startTls(client.tls().handler(uri.host(), uri.port()));
        }
    }

    private void enter(Stage next, SocketTransport transport) {
        stage = next;
        transport.listener(next);
    }

    private static String authority(WebSocketUri uri) {
        return (uri.host().indexOf(':') < 0 ? uri.host() : "[" + uri.host() + "]") + ":" + uri.port();
    }

    /**
     * Goes where the server redirects to.
     *
     * @return {@code false} if its answer is no redirect, or they are not followed
     */
    boolean redirect(ResponseHead head) {
        String location = head.fields().first("Location");
        if (client.maxRedirects() == 0 || !target.mayRedirect() || location == null || !isRedirect(head.status())) {
            return false;
        }
        if (redirects == client.maxRedirects()) {
            fail(failure(head, "server redirects once more after " + redirects + " redirects", null));
            return true;
        }
        Target next;
        ClientHandshake again;
        try {
            next = target.redirectedTo(location);
            again = next.handshake(client);
        } catch (IllegalArgumentException | IOException e) {
            String reason = String.valueOf(e.getMessage());
            String shown = reason.substring(0, Math.min(reason.length(), MAX_REASON_CHARS));
            fail(failure(head, "server's redirect cannot be followed: " + shown, e));
            return true;
        }
        Stage left = stage;
        stage = null;
        if (left != null) {
            left.abandon();
        }
        endTurn();
        stopClock();
        redirects++;
        target = next;
        handshake = again;
        onLoop(this::begin);
        return true;
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    // The end

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
        if (lookUp != null) {
            lookUp.cancel(false);
        }
        if (race != null) {
            race.stop();
        }
        if (stage != null) {
            stage.abandon();
        }
        future.completeExceptionally(failure);
    }

    private void end() {
        done = true;
        stopClock();
        loop.core().timers().cancel(overallTimer);
        endTurn();
    }

    private void endTurn() {
        Turn held = turn;
        if (held != null) {
            turn = null;
            held.end();
        }
    }

    /** The time spent waiting for a turn does not count: it is others who take it. */
    private void startClock() {
        if (nanosLeft > 0 && !clockRuns) {
            clockRuns = true;
            clockStartedNanos = System.nanoTime();
            loop.core().timers().schedule(timer, nanosLeft);
        }
    }

    private void stopClock() {
        if (clockRuns) {
            clockRuns = false;
            loop.core().timers().cancel(timer);
            nanosLeft = Math.max(1, nanosLeft - (System.nanoTime() - clockStartedNanos));
        }
    }

    private long onTimeout(long nowNanos) {
        return failLate(client.timeouts().handshake(), "");
    }

    private long onOverallTimeout(long nowNanos) {
        return failLate(client.overallTimeout(), " in all");
    }

    private long failLate(Duration timeout, String suffix) {
        HandshakeException refusal = stage == null ? null : stage.refusal();
        if (refusal != null) {
            fail(refusal);
        } else {
            fail(failure("timeout: still " + phase + " after " + timeout.toMillis() / 1000.0 + " s" + suffix, null));
        }
        return TimerWheel.Watch.NEVER;
    }

    /** A failure that names the URI, but not its query, which may hold a password. */
    HandshakeException failure(String what, @Nullable Throwable cause) {
        return new HandshakeException(name() + ": " + what, cause);
    }

    /** A failure with what the other end answered. */
    HandshakeException failure(String who, HandshakeException answer, byte[] body) {
        return new HandshakeException(
                answer.status(), name() + ": " + who + answer.getMessage(), answer.headers(), body, answer.getCause());
    }

    private HandshakeException failure(ResponseHead answer, String what, @Nullable Throwable cause) {
        return new HandshakeException(
                answer.status(), name() + ": " + what, answer.fields().toMap(), new byte[0], cause);
    }

    private String name() {
        String text = target.uri().toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }
}
