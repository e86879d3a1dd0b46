package io.duplex.connection;

import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.WebSocketUri;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The client below a {@link ClientService}: its event loops, its settings, and how it reaches servers. Thread-safe. */
public interface ClientHost extends SessionHost {
    /** What all connections of the client have in common. */
    ConnectionSettings settings();

    /** The event loop whose turn it is to get a connection. */
    Loop nextLoop();

    /**
     * Connects as the client does without the service: as {@link ClientService#connect}, but that it may throw what keeps it from
     * connecting.
     *
     * @param limits in place of the client's, for what is not the application's own connection
     */
    CompletableFuture<WebSocket> connect(
            ClientCall call, Limits limits, Function<? super Handshake, ? extends WebSocketHandler> handlers);

    /**
     * Whether ordinary HTTP with {@link #proxies} reaches the server as WebSockets do: not if that takes a Unix domain socket, or
     * a proxy that has a password, is spoken to in TLS, or is none of HTTP.
     */
    boolean isReachedByHttp(WebSocketUri uri);

    /** The HTTP proxies for {@code http} and {@code https} URIs of servers that are {@linkplain #isReachedByHttp reached}. */
    ProxySelector proxies();

    /** Whom to trust, and what certificate to show; {@code null} for the JVM's default. */
    @Nullable SSLContext tls();

    /** Where cookies come from and are kept; {@code null} for none. */
    @Nullable CookieHandler cookies();
}
