package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientCall;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import io.duplex.polling.session.Packet.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientOpeningTest {
    private final MemoryClient client = new MemoryClient();

    private static HandshakeException failure(CompletableFuture<WebSocket> future) throws InterruptedException {
        assertThat(future).isDone();
        try {
            future.get();
            throw new AssertionError("it is open");
        } catch (ExecutionException e) {
            return (HandshakeException) e.getCause();
        }
    }

    @Test
    void aDescriptionOpensASession() {
        client.open(Via.LONG);
        assertThat(client.lines()).containsExactly("open");
        assertThat(client.http().open("GET via=long&after=0&turn=1").field(Polling.SESSION_FIELD))
                .isEqualTo("abc");
        assertThat(client.host().attempts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 302, 400, 403, 404, 405, 426, 501})
    void aServerThatMayHaveNoSessionsIsAskedForAWebSocket(int status) {
        CompletableFuture<WebSocket> future = client.connect(Via.values());
        client.answer("POST", status);
        assertThat(future).isNotDone();
        assertThat(client.host().attempt().call().uri()).hasToString("ws://server.test/chat");
        assertThat(client.host().attempt().limits())
                .isSameAs(client.host().settings().limits());
        client.host().attempt().open();
        assertThat(future).isCompleted();
        assertThat(client.lines()).containsExactly("open");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403})
    void aRefusalIsReportedWhereNoWebSocketIsEither(int status) throws Exception {
        CompletableFuture<WebSocket> future = client.connect(Via.values());
        client.answer("POST", status, "text/plain", "not you".getBytes(UTF_8));
        client.host().attempt().fail();
        HandshakeException failure = failure(future);
        assertThat(failure.status()).isEqualTo(status);
        assertThat(failure.body()).asString().isEqualTo("not you");
        assertThat(failure.getCause()).hasMessage("no way");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 429, 500, 503})
    void anyOtherRefusalIsOne(int status) throws Exception {
        CompletableFuture<WebSocket> future = client.connect(Via.values());
        client.answer("POST", status);
        assertThat(failure(future).status()).isEqualTo(status);
        assertThat(client.host().attempts()).isEmpty();
    }

    @Test
    void aClientThatWantsNoWebSocketIsToldOfTheRefusal() throws Exception {
        CompletableFuture<WebSocket> future = client.connect(Via.LONG);
        client.answer("POST", 403);
        assertThat(failure(future).status()).isEqualTo(403);
        assertThat(client.host().attempts()).isEmpty();
    }

    @Test
    void whatKeepsAWebSocketFromBeingTriedFailsTheHandshake() throws Exception {
        client.host().breakBy(new IllegalStateException("cookies cannot be read"));
        CompletableFuture<WebSocket> future = client.connect(Via.values());
        client.answer("POST", 404);
        assertThat(failure(future)).hasMessageContaining("cookies cannot be read");
    }

    @Test
    void whatKeepsTheRequestFromBeingSentFailsTheHandshake() throws Exception {
        client.http().breakBy(new IllegalArgumentException("no such proxy"));
        assertThat(failure(client.connect(Via.values()))).hasStackTraceContaining("no such proxy");
    }

    @Test
    void aServerThatOffersNothingOfWhatIsWantedIsLeft() throws Exception {
        CompletableFuture<WebSocket> future = client.connect(Via.LONG);
        client.answer(
                "POST",
                200,
                Answers.JSON,
                ("{\"session\":\"abc\",\"via\":[\"sse\"],\"holdMillis\":1,\"expiryMillis\":1,\"ackBytes\":1,"
                                + "\"maxBlockBytes\":100,\"maxMessageBytes\":1}")
                        .getBytes(UTF_8));
        assertThat(failure(future)).hasMessageContaining("not one of [LONG]");
        assertThat(Kind.of(client.posted().packets().get(0))).isEqualTo(Kind.CLOSE);
        assertThat(client.lines()).isEmpty();
    }

    @Test
    void theServerIsToldOfASessionThatNobodyWaitsForAnyMore() {
        client.connect(Via.values()).cancel(false);
        client.loop().run();
        client.describe();
        assertThat(Kind.of(client.posted().packets().get(0))).isEqualTo(Kind.CLOSE);
        assertThat(client.http().open("POST").field(Polling.SESSION_FIELD)).isEqualTo("abc");
        assertThat(client.lines()).isEmpty();
        assertThat(client.host().sessions()).isEmpty();
    }

    @Test
    void anAnswerThatNobodyWaitsForIsNotWaitedForLong() {
        client.connect(Via.values()).cancel(false);
        client.pass(Duration.ofSeconds(6));
        assertThat(client.http().open()).isEmpty();
        assertThat(client.loop().shared().timers().size()).isZero();
    }

    @Test
    void aUriThatHttpDoesNotKnowIsThatOfAWebSocket() {
        String uri = "ws://my_host/chat";
        PollingClient service = PollingClient.create();
        service.start(client.host());
        service.connect(call(uri), handshake -> new WebSocketHandler() {});
        assertThat(client.host().attempt().call().uri()).hasToString(uri);
        service.stop();
        assertThatThrownBy(() -> service.connect(call(uri), handshake -> new WebSocketHandler() {}))
                .isInstanceOf(IllegalStateException.class);
        service.stop();
    }

    private static ClientCall call(String uri) {
        return new ClientCall(WebSocketUri.parse(uri), HeaderFields.EMPTY, List.of(), true);
    }
}
