package io.duplex.examples;

import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.Authentication;
import io.duplex.server.Authenticator;
import io.duplex.server.Drain;
import io.duplex.server.ForwardedHeader;
import io.duplex.server.HttpResponse;
import io.duplex.server.RouteOptions;
import io.duplex.server.ServerListener;
import io.duplex.server.WebSocketServer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

final class GatedServer {
    private GatedServer() {}

    // tag::principal
    static final class Greeter implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            Principal user = Objects.requireNonNull(socket.principal()); // the route has an authenticator
            socket.send("hello, " + user.getName() + ", you are "
                    + socket.handshake().attributes().get("role"));
        }
    }
    // end::principal

    // tag::authenticator
    static Authentication decide(Handshake handshake) {
        String session = handshake.cookie("session");
        if (session == null) {
            return Authentication.refuse(401, "sign in first");
        }
        if (!session.equals("of-ada")) {
            return Authentication.refuse(HttpResponse.of(
                    403, "application/json", "{\"error\":\"expired\"}".getBytes(StandardCharsets.UTF_8)));
        }
        return Authentication.accept("ada").withAttributes(Map.of("role", "admin"));
    }
    // end::authenticator

    // tag::asynchronous
    static Authenticator asking(Users users, Executor threads) {
        return handshake -> {
            String token = handshake.queryParameter("token");
            if (token == null) {
                return CompletableFuture.completedFuture(Authentication.refuse(401));
            }
            return CompletableFuture.supplyAsync(() -> users.nameOf(token), threads)
                    .thenApply(name -> name.isEmpty() ? Authentication.refuse(401) : Authentication.accept(name));
        };
    }
    // end::asynchronous

    interface Users {
        String nameOf(String token);
    }

    // tag::subprotocol
    static CompletionStage<Authentication> bySubprotocol(Handshake handshake) {
        for (String offered : handshake.headers("Sec-WebSocket-Protocol")) {
            for (String name : offered.split(",", -1)) {
                if (name.strip().equals("token.of-ada")) {
                    return CompletableFuture.completedFuture(Authentication.accept("ada"));
                }
            }
        }
        return CompletableFuture.completedFuture(Authentication.refuse(401));
    }
    // end::subprotocol

    static WebSocketServer authenticated() {
        // tag::authentication
        return WebSocketServer.builder()
                .authenticator(Authenticator.immediate(GatedServer::decide))
                .route("/greet", handshake -> new Greeter())
                .route(
                        "/public",
                        RouteOptions.builder()
                                .authenticator(Authenticator.anybody())
                                .allowedOrigins("https://partner.example")
                                .build(),
                        handshake -> new WebSocketHandler() {})
                .start();
        // end::authentication
    }

    static WebSocketServer limited() {
        // tag::limits
        return WebSocketServer.builder()
                .maxConnections(50_000)
                .maxConnectionsPerAddress(100)
                .limits(Limits.builder()
                        .maxMessageBytes(64 << 10)
                        .rates(RateLimits.builder()
                                .messages(50)
                                .bytes(256 << 10)
                                .controlFrames(10)
                                .burst(Duration.ofSeconds(2))
                                .excess(RateLimits.Excess.CLOSE)
                                .build())
                        .build())
                .timeouts(Timeouts.builder()
                        .lifetime(Duration.ofHours(8))
                        .lifetimeCode(1012)
                        .build())
                .route("/chat/{room}", ChatHandler::new)
                .start();
        // end::limits
    }

    static WebSocketServer behindProxies() {
        // tag::proxies
        return WebSocketServer.builder()
                .trustedProxies(ForwardedHeader.X_FORWARDED, "10.0.0.0/8", "fd00::/8")
                .route("/chat/{room}", ChatHandler::new)
                .start();
        // end::proxies
    }

    static WebSocketServer behindABalancer() {
        // tag::proxyProtocol
        return WebSocketServer.builder()
                .proxyProtocol("10.0.0.0/8")
                .route("/chat/{room}", ChatHandler::new)
                .start();
        // end::proxyProtocol
    }

    static void drained() throws InterruptedException {
        // tag::drain
        WebSocketServer server = WebSocketServer.builder()
                .healthRoute("/ready")
                .route("/chat/{room}", ChatHandler::new)
                .start();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> server.drain(Drain.builder()
                        .status(1012, "")
                        .notice(Duration.ofSeconds(5))
                        .period(Duration.ofSeconds(10))
                        .deadline(Duration.ofSeconds(25))
                        .progress(left -> System.out.println(left + " connections left"))
                        .build())));
        server.awaitClose();
        // end::drain
    }

    // tag::listener
    static final class Log implements ServerListener {
        @Override
        public void onConnectionOpened(WebSocket socket) {
            System.out.println("opened " + socket.handshake().remoteAddress());
        }

        @Override
        public void onDrain(WebSocketServer server) {
            System.out.println(server.connections() + " connections to close");
        }
    }
    // end::listener
}
