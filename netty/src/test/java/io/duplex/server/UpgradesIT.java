package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeHandler;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.ServerHandshake;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests at paths that have no route, and who answers them. */
class UpgradesIT {
    private final WebSocketClient client = WebSocketClient.create();
    private WebSocketServer server;

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private String serve(UpgradeHandler handler) {
        return serve(Authenticator.anybody(), handler);
    }

    private String serve(Authenticator authenticator, UpgradeHandler handler) {
        server = WebSocketServer.builder()
                .port(0)
                .authenticator(authenticator)
                .route("/route", handshake -> new Echo())
                .upgrades(handler)
                .start();
        return "ws://127.0.0.1:" + server.port();
    }

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
        }
    }

    private static Upgrade accept(UpgradeRequest request) {
        Answer answer = ServerHandshake.builder().build().answer(request.head(), request.isSecure());
        if (answer instanceof Answer.Refused refused) {
            return new Upgrade.Refused(refused);
        }
        Answer.Accepted accepted = (Answer.Accepted) answer;
        return new Upgrade.Accepted(
                accepted,
                new CompletedHandshake(
                        request.head(),
                        accepted.agreement(),
                        HeaderFields.EMPTY,
                        Map.of(),
                        request.remoteAddress(),
                        request.isSecure(),
                        request.peerCertificates()),
                new Echo());
    }

    private void assertEchoes(String uri) {
        try (var socket = client.connect(uri)) {
            socket.send("hello");
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
        }
    }

    @Test
    void aRouteGoesFirst() {
        String uri = serve(request -> {
            throw new AssertionError("nobody should ask");
        });
        assertEchoes(uri + "/route");
    }

    @Test
    void anAcceptedRequestBecomesAConnection() {
        assertEchoes(serve(request -> CompletableFuture.completedFuture(accept(request))) + "/elsewhere");
    }

    @Test
    void anAnswerMayTakeItsTime() {
        assertEchoes(serve(request -> CompletableFuture.supplyAsync(() -> accept(request))) + "/elsewhere");
    }

    @Test
    void whereNothingStandsIsNotFound() {
        assertRefused(request -> null, 404);
    }

    @Test
    void aRefusalIsSentAsItIs() {
        Upgrade teapot = new Upgrade.Refused(Answer.Refused.of(418, HeaderFields.EMPTY, "short and stout"));
        assertRefused(request -> CompletableFuture.completedFuture(teapot), 418);
    }

    @Test
    void aFailureIsAnInternalErrorUnlessItSaysAStatus() {
        assertRefused(request -> CompletableFuture.failedFuture(new IllegalStateException("broken")), 500);
        server.close();
        CompletionStage<Upgrade> gone = CompletableFuture.failedFuture(new HandshakeException(410, "gone"));
        assertRefused(request -> gone, 410);
        server.close();
        assertRefused(
                request -> {
                    throw new IllegalStateException("broken at once");
                },
                500);
    }

    @Test
    void theServersAuthenticatorDecidesFirst() {
        Authenticator byHeader = handshake -> CompletableFuture.supplyAsync(() -> {
            String name = handshake.header("X-Name");
            return name == null
                    ? Authentication.refuse(HttpResponse.text(401, "who are you"))
                    : Authentication.accept(name)
                            .withFields(
                                    HeaderFields.builder().add("X-Seen", name).build());
        });
        CompletableFuture<String> known = new CompletableFuture<>();
        String uri = serve(byHeader, request -> {
                    known.complete(String.valueOf(request.principal()));
                    return CompletableFuture.supplyAsync(() -> accept(request));
                })
                + "/elsewhere";
        assertThatThrownBy(() -> client.connect(uri))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        failure -> assertThat(failure.status()).isEqualTo(401));
        assertThat(known).isNotDone();
        try (var socket = client.request(uri).header("X-Name", "Ada").connect()) {
            assertThat(socket.handshake().responseHeaders()).containsEntry("x-seen", List.of("Ada"));
            socket.send("hello");
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
        }
        assertThat(known.join()).contains("Ada");
    }

    private void assertRefused(UpgradeHandler handler, int status) {
        String uri = serve(handler) + "/elsewhere";
        assertThatThrownBy(() -> client.connect(uri))
                .isInstanceOfSatisfying(
                        HandshakeException.class,
                        failure -> assertThat(failure.status()).isEqualTo(status));
    }
}
