package io.duplex.polling;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientCall;
import io.duplex.connection.ClientHost;
import io.duplex.connection.ClientService;
import java.net.CookieHandler;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Has a client reach servers of {@link Polling} through networks that let no WebSocket through, and outlive connections that
 * break: an option of the client, which changes nothing else.
 *
 * <pre>{@code
 * WebSocketClient client = WebSocketClient.builder().fallback(PollingClient.create()).build();
 * }</pre>
 *
 * <p>A connection is then a session, opened by one request. It is polled at once, and moves to the best {@linkplain Via carrier}
 * that works, and back when that breaks; each message arrives once and in order. Where a server answers that request otherwise
 * than with a session (2xx, 3xx, 400, 403, 404, 405, 426, 501), it is an ordinary WebSocket connection. The handler sees an
 * ordinary {@link WebSocket}. Thread-safe.
 */
public final class PollingClient implements ClientService {
    private final List<Via> vias;
    private final Duration pollInterval;
    private volatile @Nullable Started started;

    /** What is known from the client's start on. */
    private record Started(ClientHost host, ClientHttp http) {}

    private PollingClient(Builder builder) {
        vias = builder.vias;
        pollInterval = builder.pollInterval;
    }

    /** One with the defaults, for one client. */
    public static PollingClient create() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public synchronized void start(ClientHost host) {
        if (started != null) {
            throw new IllegalStateException("it serves a client already; build one for each");
        }
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(host.proxies());
        SSLContext tls = host.tls();
        if (tls != null) {
            http.sslContext(tls);
        }
        CookieHandler cookies = host.cookies();
        if (cookies != null) {
            http.cookieHandler(cookies);
        }
        started = new Started(host, new ClientHttp(http.build()));
    }

    @Override
    public CompletableFuture<WebSocket> connect(
            ClientCall call, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        Started now = started;
        if (now == null) {
            throw new IllegalStateException("it serves no client: it is an option of one");
        }
        ClientHost host = now.host();
        ClientAddress address = new ClientAddress(call);
        if (!host.isReachedByHttp(call.uri()) || !address.isOfHttp()) {
            return host.connect(call, host.settings().limits(), handlers);
        }
        return new ClientOpening(host, now.http(), vias, pollInterval, address, handlers).start();
    }

    @Override
    public synchronized void stop() {
        Started now = started;
        started = null;
        if (now != null) {
            now.http().close();
        }
    }

    /** Builds a {@link PollingClient}. Confined to one thread at a time. */
    public static final class Builder {
        private List<Via> vias = List.of(Via.values());
        private Duration pollInterval = Duration.ofSeconds(1);

        private Builder() {}

        /**
         * Sets the carriers that may be used, the preferred one first. Default: all, in the order of {@link Via}. What stands
         * behind {@link Via#LONG} or {@link Via#POLL} is for servers that do not offer that one: it always works. Without
         * {@link Via#WEBSOCKET} servers without sessions cannot be reached.
         *
         * @throws IllegalArgumentException if there is none, or one stands there twice
         */
        public Builder via(Via... preferred) {
            List<Via> chosen = new ArrayList<>(List.of(preferred));
            if (chosen.isEmpty() || EnumSet.copyOf(chosen).size() < chosen.size()) {
                throw new IllegalArgumentException("carriers are " + chosen + ", must be one or more, each once");
            }
            vias = List.copyOf(chosen);
            return this;
        }

        /**
         * Sets the time between two short polls, for servers that offer no other carrier; a session is polled three times in its
         * expiry at least. Default 1 s.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder pollInterval(Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("poll interval is " + time + ", must be positive");
            }
            pollInterval = time;
            return this;
        }

        /** Builds it, for one client. */
        public PollingClient build() {
            return new PollingClient(this);
        }
    }
}
