package io.duplex.client;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientCall;
import io.duplex.connection.ClientHost;
import io.duplex.connection.ClientService;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Loop;
import io.duplex.handshake.WebSocketUri;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What a client lends to the service that it falls back on. Thread-safe. */
final class FallbackHost implements ClientHost {
    private final ClientService service;
    private final WebSocketClient client;
    private final ClientSettings settings;
    private final @Nullable SSLContext tls;
    private final ProxySelector proxies = new HttpProxies();
    private final Live<Connection> sessions =
            new Live<>(session -> session.close(CloseCode.GOING_AWAY, ""), Connection::abort);
    private boolean started;

    FallbackHost(ClientService service, WebSocketClient client, ClientSettings settings, @Nullable SSLContext tls) {
        this.service = service;
        this.client = client;
        this.settings = settings;
        this.tls = tls;
    }

    /** Begins; throws what the service throws, which may serve another client. */
    void start() {
        service.start(this);
        started = true;
    }

    ClientService service() {
        return service;
    }

    /** Closes all sessions with 1001, waits for the answers as {@link Live#close} does, and stops the service. */
    void close(Duration closeTimeout) {
        sessions.close(closeTimeout);
        if (started) {
            service.stop();
        }
    }

    @Override
    public ConnectionSettings settings() {
        return settings.connections();
    }

    @Override
    public Loop nextLoop() {
        return settings.loops().next().core();
    }

    @Override
    public CompletableFuture<WebSocket> connect(
            ClientCall call, Limits limits, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return client.connectPlainly(
                new Target(call.uri(), call.fields(), call.subprotocols(), null, call.mayRedirect()),
                settings.withLimits(limits),
                handlers);
    }

    @Override
    public void opened(Connection session) {
        if (!sessions.add(session)) {
            session.loop().execute(() -> session.close(CloseCode.GOING_AWAY, ""));
        }
    }

    @Override
    public void closed(Connection session, CloseOutcome outcome) {
        sessions.remove(session);
    }

    @Override
    public boolean isReachedByHttp(WebSocketUri uri) {
        if (settings.unixSocket() != null) {
            return false;
        }
        Proxy proxy;
        try {
            proxy = settings.proxies().proxyFor(uri);
        } catch (RuntimeException fault) {
            return false; // the attempt to connect will fail by it
        }
        return proxy == null || isPlain(proxy);
    }

    private static boolean isPlain(Proxy proxy) {
        return proxy.kind() == Proxy.Kind.HTTP && proxy.user() == null;
    }

    @Override
    public ProxySelector proxies() {
        return proxies;
    }

    @Override
    public @Nullable SSLContext tls() {
        return tls;
    }

    @Override
    public @Nullable CookieHandler cookies() {
        return settings.cookies().handler();
    }

    /** The client's choice, as the JDK asks for it. */
    private final class HttpProxies extends ProxySelector {
        @Override
        public List<java.net.Proxy> select(URI uri) {
            WebSocketUri server = WebSocketUri.parse(uri.toString().replaceFirst("^http", "ws"));
            Proxy proxy = settings.proxies().proxyFor(server);
            if (proxy == null) {
                return List.of(java.net.Proxy.NO_PROXY);
            }
            if (!isPlain(proxy)) {
                throw new IllegalArgumentException("proxy " + proxy + " is none for ordinary requests");
            }
            SocketAddress address = InetSocketAddress.createUnresolved(proxy.host(), proxy.port());
            return List.of(new java.net.Proxy(java.net.Proxy.Type.HTTP, address));
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {
            // Whoever asked is told.
        }
    }
}
