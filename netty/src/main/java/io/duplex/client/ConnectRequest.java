package io.duplex.client;

import io.duplex.BlockingWebSocket;
import io.duplex.FlowWebSocket;
import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.FlowHandler;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection to be made, with what it has of its own besides the client's defaults. It may be used again: each call of a
 * {@code connect} method makes a new connection. Confined to one thread at a time.
 */
public final class ConnectRequest {
    private static final String AUTHORIZATION = "Authorization";

    private final WebSocketClient client;
    private final WebSocketUri uri;
    private HeaderFields.Builder fields = HeaderFields.builder();
    private List<String> subprotocols;
    private @Nullable OfferedExtensions extensions;
    private boolean mayRedirect = true;

    ConnectRequest(WebSocketClient client, WebSocketUri uri, HeaderFields defaults, List<String> subprotocols) {
        this.client = client;
        this.uri = uri;
        this.subprotocols = subprotocols;
        fields.addAll(defaults);
    }

    private ConnectRequest(WebSocketClient client, Target target) {
        this(client, target.uri(), target.fields(), target.subprotocols());
        extensions = target.extensions();
        mayRedirect = target.mayRedirect();
    }

    /**
     * Adds a field to the request, behind those that the client adds to all, such as Cookie. Authorization takes the place of
     * one that is there, as servers are told one only (RFC 9110 §11.6.2).
     *
     * @param name a token. Host, Connection, Upgrade, Content-Length, Transfer-Encoding and Sec-WebSocket-* are decided by the
     *     handshake: they make connecting throw an {@link IllegalArgumentException}
     * @param value characters of ISO-8859-1 without control characters
     * @throws IllegalArgumentException if the name or the value has a character that it may not have
     */
    public ConnectRequest header(String name, String value) {
        HeaderFields.Builder added = name.equalsIgnoreCase(AUTHORIZATION) ? withoutAuthorization() : fields;
        fields = added.add(name, value);
        return this;
    }

    private HeaderFields.Builder withoutAuthorization() {
        HeaderFields present = fields.build();
        HeaderFields.Builder others = HeaderFields.builder();
        for (int line = 0; line < present.size(); line++) {
            if (!present.name(line).equalsIgnoreCase(AUTHORIZATION)) {
                others.add(present.name(line), present.value(line));
            }
        }
        return others;
    }

    /**
     * Sends a name and password as HTTP's Basic scheme has them (RFC 7617), in UTF-8; without {@code wss} anybody on the way can
     * read them. A URI with user information is refused instead.
     *
     * @throws IllegalArgumentException if the user has a colon
     */
    public ConnectRequest basicAuthorization(String user, String password) {
        return header(AUTHORIZATION, BasicAuthorization.of(user, password));
    }

    /**
     * Sends a token (RFC 6750).
     *
     * @throws IllegalArgumentException if it has a character that a field may not have
     */
    public ConnectRequest bearerAuthorization(String token) {
        return header(AUTHORIZATION, "Bearer " + token);
    }

    /**
     * Sends an Origin (RFC 6454), as browsers do. Default: none. Connecting throws an {@link IllegalArgumentException} if it is
     * no origin, or if there are several.
     *
     * @param origin such as {@code https://chat.example}
     */
    public ConnectRequest origin(String origin) {
        return header("Origin", origin);
    }

    /**
     * Sets the subprotocols to offer, the preferred one first, instead of the client's. Connecting throws an {@link
     * IllegalArgumentException} if one is no token, or stands there twice.
     */
    public ConnectRequest subprotocols(String... names) {
        subprotocols = List.of(names);
        return this;
    }

    /** Sets the extensions to offer, instead of the client's. */
    ConnectRequest extensions(OfferedExtensions offered) {
        extensions = offered;
        return this;
    }

    /**
     * Follows no redirect, whatever the client does otherwise ({@link WebSocketClient.Builder#maxRedirects}): it is a refusal, as
     * all answers but 101 are.
     */
    public ConnectRequest withoutRedirects() {
        mayRedirect = false;
        return this;
    }

    /**
     * Connects, and returns a socket whose calls wait.
     *
     * @throws io.duplex.HandshakeException if the connection could not be made, with what the server answered, if it did
     * @throws io.duplex.WebSocketException if the wait is interrupted; the thread's interrupt status is set
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     * @throws IllegalStateException if the client is closed, or on one of its event loops
     */
    public BlockingWebSocket connect() {
        return client.connect(this);
    }

    /**
     * Connects, and waits for it.
     *
     * @param handler of this connection alone; its callbacks run on an event loop and must not block
     * @return the open socket; {@link WebSocketHandler#onOpen} has been called
     * @throws io.duplex.HandshakeException if the connection could not be made, with what the server answered, if it did
     * @throws io.duplex.WebSocketException if the wait is interrupted; the thread's interrupt status is set
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     * @throws IllegalStateException if the client is closed, or on one of its event loops
     */
    public WebSocket connect(WebSocketHandler handler) {
        client.requireMayWait();
        return client.await(connectAsync(handler));
    }

    /** As {@link #connectAsync(Function)}, with a handler that is there already. */
    public CompletableFuture<WebSocket> connectAsync(WebSocketHandler handler) {
        return connectAsync(handshake -> handler);
    }

    /**
     * Connects without waiting.
     *
     * @param handlers makes the handler of the connection from its handshake
     * @return the open socket, after {@link WebSocketHandler#onOpen}; or a {@link io.duplex.HandshakeException}. It is completed
     *     on an event loop: what is chained to it must not block. Cancelling it ends the attempt, as does a failure that it is
     *     given otherwise, by {@link CompletableFuture#orTimeout} say
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     * @throws IllegalStateException if the client is closed
     */
    public CompletableFuture<WebSocket> connectAsync(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return client.start(this, handlers);
    }

    /**
     * Connects without waiting, for Reactive Streams ({@link java.util.concurrent.Flow}).
     *
     * @return the open socket, or a {@link io.duplex.HandshakeException}. It is completed on an event loop: what is chained to
     *     it must not block. Cancelling it ends the attempt
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     * @throws IllegalStateException if the client is closed
     */
    public CompletableFuture<FlowWebSocket> connectFlow() {
        AtomicReference<@Nullable FlowWebSocket> opened = new AtomicReference<>();
        CompletableFuture<FlowWebSocket> connected = new CompletableFuture<>();
        CompletableFuture<WebSocket> connecting = connectAsync(new FlowHandler(opened::set));
        connecting.whenComplete((socket, failure) -> {
            if (failure != null) {
                connected.completeExceptionally(failure);
            } else if (!connected.complete(Objects.requireNonNull(opened.get()))) {
                socket.abort();
            }
        });
        connected.whenComplete((socket, failure) -> {
            if (connected.isCancelled()) {
                connecting.cancel(false);
            }
        });
        return connected;
    }

    /**
     * Opens a connection that comes back by itself when it is lost, and returns at once.
     *
     * @param policy when to come back
     * @param handlers makes the handler of each connection from its handshake: its {@link WebSocketHandler#onOpen} is where to
     *     subscribe, the first time and every time. If it throws, the connection does not come back
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     * @throws IllegalStateException if the client is closed
     */
    public ReconnectingWebSocket reconnecting(
            Reconnect policy, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        Target fixed = target();
        return ReconnectingWebSocket.start(client, () -> new ConnectRequest(client, fixed), policy, handlers);
    }

    /** What to ask for, as it is now. */
    Target target() {
        return new Target(uri, fields.build(), subprotocols, extensions, mayRedirect);
    }
}
