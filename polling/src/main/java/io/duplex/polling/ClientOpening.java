package io.duplex.polling;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.connection.ClientCall;
import io.duplex.connection.ClientHost;
import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.WebSocketUri;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Session;
import io.duplex.polling.session.SessionOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Opens a session by a request; at a URL that has none it connects a WebSocket instead. Confined to the session's loop, but for
 * {@link #start}.
 */
final class ClientOpening {
    /** Of a description, or of what a refusal says. */
    private static final int MAX_BODY_BYTES = 8 << 10;

    private static final Duration FAREWELL_TIMEOUT = Duration.ofSeconds(5);
    private static final int LEAST_ERROR = 400;
    private static final HttpVersion HTTP_1_1 = new HttpVersion(1, 1);

    private final ClientHost host;
    private final ClientHttp http;
    private final List<Via> vias;
    private final Duration pollInterval;
    private final ClientAddress address;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final Loop loop;
    private final CompletableFuture<WebSocket> future = new CompletableFuture<>();
    private final TimerWheel.Timer farewellTimer = new TimerWheel.Timer(this::onFarewellOver);
    /** {@code null} before it is sent. */
    private @Nullable ClientRequest request;

    /** @param vias that the application wants, the better first */
    ClientOpening(
            ClientHost host,
            ClientHttp http,
            List<Via> vias,
            Duration pollInterval,
            ClientAddress address,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        this.host = host;
        this.http = http;
        this.vias = vias;
        this.pollInterval = pollInterval;
        this.address = address;
        this.handlers = handlers;
        this.loop = host.nextLoop();
    }

    /**
     * Begins.
     *
     * @throws IllegalArgumentException if a field cannot be sent by the JDK's client
     */
    CompletableFuture<WebSocket> start() {
        HttpRequest opening = address.opening();
        loop.execute(() -> {
            if (!future.isDone()) {
                request = ClientRequest.send(
                        http,
                        opening,
                        MAX_BODY_BYTES,
                        host.settings().timeouts().handshake(),
                        null,
                        loop,
                        new HashSet<>(),
                        this::onAnswer,
                        this::onFailure);
            }
        });
        future.whenComplete((socket, failure) -> {
            if (failure != null) {
                loop.execute(this::giveUp);
            }
        });
        return future;
    }

    /** Nobody waits any more; but the answer may name a session, which is to end. */
    private void giveUp() {
        if (request != null) {
            loop.timers().schedule(farewellTimer, FAREWELL_TIMEOUT.toNanos());
        }
    }

    private long onFarewellOver(long nowNanos) {
        if (request != null) {
            request.cancel();
        }
        return TimerWheel.Watch.NEVER;
    }

    private void onFailure(IOException cause) {
        request = null;
        fail(HandshakeException.NO_STATUS, "opening a session failed: " + cause.getMessage(), null, cause);
    }

    private void onAnswer(HttpResponse<BoundedBody.Content> answer) {
        request = null;
        loop.timers().cancel(farewellTimer);
        try {
            int status = answer.statusCode();
            if (status == 200 && isJson(answer.headers())) {
                open(answer);
            } else if (mayBeWithoutSessions(status)) {
                connectPlainly(answer);
            } else {
                refuse(answer, null);
            }
        } catch (Throwable fault) {
            fail(HandshakeException.NO_STATUS, "making the connection failed: " + fault.getMessage(), answer, fault);
        }
    }

    private static boolean isJson(HttpHeaders fields) {
        return fields.firstValue("Content-Type").orElse("").startsWith(Answers.JSON);
    }

    private static boolean mayBeWithoutSessions(int status) {
        return status < LEAST_ERROR
                || status == 404
                || status == 405
                || status == 426
                || status == 501
                || isAmbiguous(status);
    }

    /** Whether it is a refusal, or from a server of nothing but WebSockets, some of which answer so to a POST. */
    private static boolean isAmbiguous(int status) {
        return status == 400 || status == 403;
    }

    private void refuse(HttpResponse<BoundedBody.Content> answer, @Nullable Throwable cause) {
        int status = answer.statusCode();
        fail(status, "the server answered " + status + " to the opening of a session", answer, cause);
    }

    private void fail(
            int status, String why, @Nullable HttpResponse<BoundedBody.Content> answer, @Nullable Throwable cause) {
        Map<String, List<String>> fields =
                answer == null ? Map.of() : fields(answer.headers()).toMap();
        byte[] body = answer == null ? new byte[0] : answer.body().toArray();
        future.completeExceptionally(new HandshakeException(status, address.name() + ": " + why, fields, body, cause));
    }

    /** Those that can be shown as fields; servers may send others. */
    private static HeaderFields fields(HttpHeaders headers) {
        HeaderFields.Builder fields = HeaderFields.builder();
        headers.map()
                .forEach((name, values) -> values.forEach(value -> {
                    try {
                        fields.add(name, value);
                    } catch (IllegalArgumentException unusual) {
                        // such as the JDK's own ":status"
                    }
                }));
        return fields.build();
    }

    /** The server has a WebSocket there, and no sessions. */
    private void connectPlainly(HttpResponse<BoundedBody.Content> answer) {
        boolean isAmbiguous = isAmbiguous(answer.statusCode());
        if (!vias.contains(Via.WEBSOCKET)) {
            if (isAmbiguous) {
                refuse(answer, null);
            } else {
                fail(answer.statusCode(), "the server has no sessions there", answer, null);
            }
            return;
        }
        if (future.isDone()) {
            return;
        }
        CompletableFuture<WebSocket> connecting =
                host.connect(address.call(), host.settings().limits(), handlers);
        connecting.whenComplete((socket, failure) -> {
            if (failure != null && isAmbiguous) {
                refuse(answer, failure);
            } else if (failure != null) {
                future.completeExceptionally(failure);
            } else if (!future.complete(socket)) {
                socket.abort();
            }
        });
        future.whenComplete((socket, failure) -> {
            if (failure != null) {
                connecting.cancel(false);
            }
        });
    }

    private void open(HttpResponse<BoundedBody.Content> answer) {
        SessionOffer offer;
        try {
            offer = offer(answer.body());
        } catch (IllegalArgumentException fault) {
            fail(HandshakeException.NO_STATUS, "the server describes no session: " + fault.getMessage(), answer, fault);
            return;
        }
        List<Via> usable = usable(offer.vias());
        if (future.isDone()) {
            leave(offer);
            return;
        }
        try {
            if (usable.isEmpty()) {
                throw new HandshakeException("the server offers " + offer.vias() + ", and not one of " + vias, null);
            }
            Handshake handshake = handshake(offer, answer);
            open(offer, handshake, usable, Objects.requireNonNull(handlers.apply(handshake), "the handler is null"));
        } catch (Throwable fault) {
            leave(offer);
            fail(HandshakeException.NO_STATUS, "making the connection failed: " + fault.getMessage(), answer, fault);
        }
    }

    private SessionOffer offer(BoundedBody.Content body) {
        if (!body.isWhole()) {
            throw new IllegalArgumentException("it is longer than " + MAX_BODY_BYTES + " bytes");
        }
        SessionOffer offer = SessionOffer.parse(body.text());
        if (offer.subprotocol() != null && !address.call().subprotocols().contains(offer.subprotocol())) {
            throw new IllegalArgumentException("its subprotocol was not offered");
        }
        return offer;
    }

    /** What both sides want, the better first; the last is the first that always works, if there is one. */
    private List<Via> usable(Set<Via> offered) {
        List<Via> usable = new ArrayList<>();
        for (Via via : vias) {
            if (offered.contains(via)) {
                usable.add(via);
                if (via == Via.LONG || via == Via.POLL) {
                    break;
                }
            }
        }
        return usable;
    }

    private Handshake handshake(SessionOffer offer, HttpResponse<BoundedBody.Content> answer) {
        ClientCall call = address.call();
        WebSocketUri uri = call.uri();
        HeaderFields sent = HeaderFields.builder()
                .add("Host", uri.hostHeader())
                .addAll(call.fields())
                .build();
        return new CompletedHandshake(
                new RequestHead("POST", uri.resourceName(), HTTP_1_1, sent),
                new Agreement(offer.subprotocol(), "", null),
                fields(answer.headers()),
                Map.of(),
                InetSocketAddress.createUnresolved(uri.host(), uri.port()),
                uri.isSecure(),
                certificates(answer));
    }

    private static List<X509Certificate> certificates(HttpResponse<?> answer) {
        return answer.sslSession()
                .map(tls -> {
                    try {
                        return Arrays.stream(tls.getPeerCertificates())
                                .filter(X509Certificate.class::isInstance)
                                .map(X509Certificate.class::cast)
                                .toList();
                    } catch (SSLPeerUnverifiedException none) {
                        return List.<X509Certificate>of();
                    }
                })
                .orElse(List.of());
    }

    private void open(SessionOffer offer, Handshake handshake, List<Via> usable, WebSocketHandler handler) {
        SessionOptions options = SessionOptions.of(host.settings(), offer.expiry(), silence(offer), true);
        Session session = new Session(host, loop, options, handshake, handler, offer.maxMessageBytes());
        ClientSession client = new ClientSession(
                host, http, address, offer, session, maxPacketBytes(handler.delivery()), usable, pollInterval);
        session.open();
        try {
            client.start();
        } catch (Throwable fault) {
            session.lose(new IOException("the session could not be carried", fault));
            throw fault;
        }
        if (!future.complete(session.connection())) {
            session.connection().close(CloseCode.GOING_AWAY, "");
        }
    }

    /** What is longer breaks a limit, of frames or of messages. */
    private int maxPacketBytes(Delivery delivery) {
        Limits limits = host.settings().limits();
        long maxMessageBytes = delivery == Delivery.PARTS ? limits.maxStreamBytes() : limits.maxMessageBytes();
        return (int) Math.min(limits.maxFrameBytes(), maxMessageBytes);
    }

    /** What a server may be silent for: a long poll, and a break that the session outlives. */
    private static Duration silence(SessionOffer offer) {
        return (offer.hold().compareTo(offer.expiry()) > 0 ? offer.hold() : offer.expiry()).plusSeconds(5);
    }

    /** Closes the session on the server's side; nobody waits for the answer. */
    private void leave(SessionOffer offer) {
        Packet close = Packet.close(CloseStatus.of(CloseCode.GOING_AWAY));
        ByteBuffer block = ByteBuffer.allocate(Block.HEADER_BYTES + Packet.HEADER_BYTES + close.length())
                .putLong(0)
                .putLong(1);
        close.writeTo(block);
        ClientRequest.send(
                http,
                address.post(offer.session(), block.flip()),
                MAX_BODY_BYTES,
                FAREWELL_TIMEOUT,
                null,
                loop,
                new HashSet<>(),
                ignored -> {},
                ignored -> {});
    }
}
