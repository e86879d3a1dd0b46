package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.duplex.transport.Certificates;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The opening handshake of the client, as a raw server sees it (RFC 6455 §4.1). One class, as all that a server may answer meets the
 * same client: a nested class for each step.
 */
class ConnectingIT {
    private final Recorder recorder = new Recorder();
    private ServerSocket listening;
    private WebSocketClient client;

    @BeforeEach
    void start() throws Exception {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.create();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        listening.close();
    }

    private void useClient(WebSocketClient.Builder builder) {
        client.close();
        client = builder.build();
    }

    private static Timeouts patience(int handshakeMillis) {
        return Timeouts.builder()
                .handshake(Duration.ofMillis(handshakeMillis))
                .close(Duration.ofMillis(300))
                .build();
    }

    private String uri() {
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/chat";
    }

    private static HandshakeException failureOf(CompletableFuture<WebSocket> connecting) {
        ExecutionException failure =
                catchThrowableOfType(ExecutionException.class, () -> connecting.get(60, TimeUnit.SECONDS));
        assertThat(failure).isNotNull();
        assertThat(failure.getCause()).isInstanceOf(HandshakeException.class);
        return (HandshakeException) failure.getCause();
    }

    /** Has the server send {@code answer} to a request and end its side. */
    private HandshakeException failureAfter(String answer) throws Exception {
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            peer.send(answer);
            peer.shutdownOutput();
            HandshakeException failure = failureOf(connecting);
            peer.awaitEof();
            return failure;
        }
    }

    @Nested
    class Request {
        private String requestOf(ConnectRequest request) throws Exception {
            CompletableFuture<WebSocket> connecting = request.connectAsync(recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                String head = peer.acceptHandshake();
                connecting.get(60, TimeUnit.SECONDS);
                return head;
            }
        }

        @Test
        @Covers({"WS-4.1-Q1", "WS-4.1-Q2", "WS-4.1-Q4", "WS-4.1-Q5", "WS-4.1-Q6", "WS-4.1-Q7", "WS-4.1-Q9", "WS-4.1-C6"
        })
        void holdsWhatTheRfcAsksFor() throws Exception {
            assertThat(requestOf(client.request(uri() + "?a=b")))
                    .startsWith("GET /chat?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + listening.getLocalPort() + "\r\n")
                    .contains("\r\nUpgrade: websocket\r\n", "\r\nConnection: Upgrade\r\n")
                    .contains("\r\nSec-WebSocket-Version: 13\r\n")
                    .containsPattern("\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{21}[AQgw]==\r\n")
                    .contains("\r\nSec-WebSocket-Extensions: permessage-deflate")
                    .doesNotContain("Origin", "Sec-WebSocket-Protocol");
        }

        @Test
        @Covers({"WS-4.1-Q8", "WS-4.1-Q10", "WS-4.1-Q12"})
        void takesHeadersOriginAndSubprotocols() throws Exception {
            useClient(WebSocketClient.builder().header("User-Agent", "mine/1").subprotocols("default"));
            assertThat(requestOf(client.request(uri())
                            .header("Authorization", "Bearer x")
                            .origin("https://chat.example")
                            .subprotocols("v2", "v1")))
                    .contains("\r\nUser-Agent: mine/1\r\n", "\r\nAuthorization: Bearer x\r\n")
                    .contains("\r\nOrigin: https://chat.example\r\n", "\r\nSec-WebSocket-Protocol: v2, v1\r\n");
        }

        @Test
        void longHeadersAreSentWhole() throws Exception {
            String value = "x".repeat(100_000);
            assertThat(requestOf(client.request(uri()).header("X-Long", value)))
                    .contains("\r\nX-Long: " + value + "\r\n");
        }

        @ParameterizedTest
        @Covers("WS-4.1-Q12a")
        @ValueSource(strings = {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Content-Length"})
        void fieldsOfTheHandshakeCannotBeSet(String name) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.request(uri()).header(name, "x").connectAsync(recorder))
                    .withMessageContaining(name);
        }

        @Test
        @Covers({"WS-4.1-C1", "WS-4.1-Q10a", "WS-4.1-Q10b", "WS-4.1-Q12a"})
        void whatCannotBeSentThrowsAtOnce() {
            assertThatIllegalArgumentException().isThrownBy(() -> client.connectAsync("http://x/", recorder));
            assertThatIllegalArgumentException().isThrownBy(() -> client.request("ws://x/#a"));
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> client.request(uri()).subprotocols("a", "a").connectAsync(recorder));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.request(uri()).header("A", "b\r\nc: d"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.request(uri()).origin("chat").connectAsync(recorder));
        }

        @Test
        @Covers({"WS-4.1-Q13", "WS-4.1-C0"})
        void nothingFollowsItBeforeTheResponse() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handshake -> new WebSocketHandler() {
                @Override
                public void onOpen(WebSocket socket) {
                    socket.send("early");
                }
            });
            try (RawPeer peer = RawPeer.accept(listening)) {
                String request = peer.head();
                assertThat(peer.isSilentFor(200)).isTrue();
                assertThat(connecting).isNotDone();
                peer.send(RawPeer.acceptance(request));
                assertThat(peer.readMaskedHex()).isEqualTo("81056561726c79");
                assertThat(connecting.get(60, TimeUnit.SECONDS).readyState()).isEqualTo(ReadyState.OPEN);
            }
        }
    }

    @Nested
    class Response {
        static Stream<JsonNode> vectors() throws Exception {
            try (InputStream json = ConnectingIT.class.getResourceAsStream("/vectors/headers.json")) {
                JsonNode responses = new ObjectMapper().readTree(json).required("responses");
                return StreamSupport.stream(responses.spliterator(), false);
            }
        }

        @ParameterizedTest
        @MethodSource("vectors")
        @Covers({
            "WS-4.1-R1",
            "WS-4.1-R2",
            "WS-4.1-R3",
            "WS-4.1-R4",
            "WS-4.1-R5",
            "WS-4.1-R6",
            "WS-4.1-R7",
            "WS-4.1-R9",
            "WS-7.2.1-2",
            "WS-POL-3"
        })
        void isCheckedInFull(JsonNode vector) throws Exception {
            useClient(WebSocketClient.builder()
                    .compression(PermessageDeflate.builder()
                            .serverNoContextTakeover(false)
                            .build()));
            CompletableFuture<WebSocket> connecting =
                    client.request(uri()).subprotocols("chat", "superchat").connectAsync(recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                String accept = RawPeer.acceptOf(peer.head());
                String sample = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
                peer.send(vector.required("raw").asText().replace(sample, accept));
                String outcome = vector.required("outcome").asText();
                if (outcome.equals("open")) {
                    WebSocket socket = connecting.get(60, TimeUnit.SECONDS);
                    assertThat(socket.readyState()).isEqualTo(ReadyState.OPEN);
                    assertThat(String.valueOf(socket.subprotocol()))
                            .isEqualTo(vector.path("protocol").asText("null").replaceAll("^$", "null"));
                } else if (outcome.equals("continue")) {
                    assertThat(peer.isSilentFor(50)).isTrue();
                    assertThat(connecting).isNotDone();
                } else {
                    peer.shutdownOutput();
                    failureOf(connecting);
                    peer.awaitEof();
                }
            }
        }

        @Test
        @Covers("WS-4.1-R11")
        void framesThatComeWithItAreKept() throws Exception {
            client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.send(RawPeer.acceptance(peer.head()) + "\u0081\u0002hi\u0081\u0002yo");
                assertThat(recorder.text()).isEqualTo("hi");
                assertThat(recorder.text()).isEqualTo("yo");
            }
        }

        @Test
        @Covers({"WS-4.1-R11", "WS-POL-3"})
        void mayComeByteByByteBehindInterimOnes() throws Exception {
            client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                String all = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        + RawPeer.acceptance(peer.head()) + "\u0081\u0002hi";
                for (int i = 0; i < all.length(); i++) {
                    peer.send(all.substring(i, i + 1));
                }
                assertThat(recorder.text()).isEqualTo("hi");
            }
        }

        @Test
        @Covers({"WS-4.1-R1", "WS-4.1-R10"})
        void aRefusalIsReportedWithStatusHeadersAndBody() throws Exception {
            HandshakeException failure = failureAfter("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n"
                    + "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 9\r\n\r\nno entry!ignored");
            assertThat(failure.status()).isEqualTo(401);
            assertThat(failure.headers())
                    .containsEntry("www-authenticate", List.of("Basic"))
                    .containsEntry("set-cookie", List.of("a=1", "b=2"));
            assertThat(failure.body()).asString().isEqualTo("no entry!");
            assertThat(failure).hasMessage(uri() + ": server answered with status 401, not 101");
        }

        @Test
        void aRefusalNamesTheUriWithoutItsQuery() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri() + "?token=secret", recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                assertThat(failureOf(connecting)).hasMessageStartingWith(uri() + ": ");
            }
        }

        @Test
        void aBodyMayBeChunkedOrEndWithTheConnection() throws Exception {
            String chunks = "3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n";
            assertThat(failureAfter("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
                            .body())
                    .asString()
                    .isEqualTo("abc0123456789");
            assertThat(failureAfter("HTTP/1.1 500 X\r\n\r\nto the end").body())
                    .asString()
                    .isEqualTo("to the end");
        }

        @Test
        @Covers("WS-POL-4")
        void noMoreThanTheStartOfABodyIsKept() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                peer.send("HTTP/1.1 500 X\r\nContent-Length: 99999999\r\n\r\n" + "x".repeat(50_000));
                assertThat(failureOf(connecting).body()).hasSize(8 << 10);
            }
        }

        @Test
        void aBodyThatDoesNotComeIsNotWaitedForLongerThanTheHandshakeTimeout() throws Exception {
            useClient(WebSocketClient.builder().timeouts(patience(2000)));
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                peer.send("HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nhalf");
                HandshakeException failure = failureOf(connecting);
                assertThat(failure.status()).isEqualTo(503);
                assertThat(failure.body()).asString().isEqualTo("half");
                peer.awaitEof();
            }
        }

        @Test
        @Covers("WS-POL-4")
        void anEndlessHeadIsRefused() throws Exception {
            useClient(WebSocketClient.builder()
                    .limits(Limits.builder().maxHeaderBytes(1000).build()));
            assertThat(failureAfter("HTTP/1.1 101 X\r\nA: " + "x".repeat(1000)))
                    .hasMessageContaining("head is bigger than maxHeaderBytes");
        }

        @Test
        @Covers("WS-7.1.4-2")
        void anEndOfTheConnectionInsteadIsAFailure() throws Exception {
            assertThat(failureAfter("HTTP/1.1 101 Switching"))
                    .hasMessageContaining("server closed the connection before it answered");
        }

        @Test
        void aResetInsteadIsAFailure() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            RawPeer peer = RawPeer.accept(listening);
            peer.head();
            peer.reset();
            assertThat(failureOf(connecting)).hasMessageContaining("connection was lost");
        }

        static Stream<WebSocketHandler> uselessHandlers() {
            return Stream.of(null, new WebSocketHandler() {
                @Override
                public Delivery delivery() {
                    throw new IllegalStateException("on purpose");
                }
            });
        }

        @ParameterizedTest
        @MethodSource("uselessHandlers")
        void aHandlerThatCannotBeAskedIsAFailure(WebSocketHandler useless) throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handshake -> useless);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                assertThat(failureOf(connecting))
                        .hasMessage(uri() + ": making the handler failed")
                        .hasCauseInstanceOf(RuntimeException.class);
                peer.awaitEof();
            }
        }

        @Test
        void aHandlerThatCannotBeMadeIsAFailure() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), handshake -> {
                throw new IllegalStateException("on purpose");
            });
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                assertThat(failureOf(connecting)).hasCauseInstanceOf(IllegalStateException.class);
                peer.awaitEof();
            }
        }
    }

    @Nested
    class Connecting {
        @Test
        void aLookUpThatFailsWithAnErrorIsAFailure() throws Exception {
            useClient(WebSocketClient.builder().lookup(host -> {
                throw new LinkageError("on purpose");
            }));
            assertThat(failureOf(client.connectAsync("ws://a.test/", recorder)))
                    .hasMessage("ws://a.test/: looking up host 'a.test' failed")
                    .hasCauseInstanceOf(LinkageError.class);
        }

        @Test
        void aHostWithoutAnAddressIsUnknown() throws Exception {
            useClient(WebSocketClient.builder().lookup(host -> new InetAddress[0]));
            assertThat(failureOf(client.connectAsync("ws://a.test/", recorder)))
                    .hasMessage("ws://a.test/: host 'a.test' is unknown")
                    .hasCauseInstanceOf(UnknownHostException.class);
        }

        @Test
        void aServerWithoutTlsIsNamedInPlainWords() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri().replace("ws:", "wss:"), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                assertThat(failureOf(connecting))
                        .hasMessage(uri().replace("ws:", "wss:")
                                + ": the server does not speak TLS on this port: use ws://");
            }
        }

        @Test
        void aHostOfASecureServerMayHaveAnUnderscore() throws Exception {
            HostLookup here = host -> new InetAddress[] {InetAddress.getLoopbackAddress()};
            try (WebSocketServer server = WebSocketServer.builder()
                    .port(0)
                    .tls(Certificates.chain(), Certificates.key())
                    .route("/", handshake -> new WebSocketHandler() {})
                    .start()) {
                String secure = "wss://my_host:" + server.port() + "/";
                useClient(WebSocketClient.builder().lookup(here).insecureTrustAll());
                client.connect(secure, recorder).abort();
                useClient(WebSocketClient.builder().lookup(here).tls(Certificates.context()));
                assertThat(failureOf(client.connectAsync(secure, recorder)))
                        .as("still checked")
                        .hasMessageContaining("TLS failed")
                        .cause()
                        .hasCauseInstanceOf(CertificateException.class);
            }
        }

        @Test
        @Covers("WS-4.1-C4")
        void aRefusedConnectionIsNamedInPlainWords() throws Exception {
            listening.close();
            assertThatExceptionOfType(HandshakeException.class)
                    .isThrownBy(() -> client.connect(uri(), recorder))
                    .withMessage(uri() + ": connection refused by 127.0.0.1:" + listening.getLocalPort())
                    .withCauseInstanceOf(ConnectException.class)
                    .satisfies(failure -> assertThat(failure.status()).isEqualTo(HandshakeException.NO_STATUS));
        }

        @Test
        void anUnknownHostIsNamedInPlainWords() {
            assertThatExceptionOfType(HandshakeException.class)
                    .isThrownBy(() -> client.connect("ws://no-such-host.invalid/", recorder))
                    .withMessage("ws://no-such-host.invalid/: host 'no-such-host.invalid' is unknown")
                    .withCauseInstanceOf(UnknownHostException.class);
        }

        @Test
        void aNameIsTriedAtAllItsAddresses() throws Exception {
            // Where localhost is ::1, too, nothing listens there.
            CompletableFuture<WebSocket> connecting =
                    client.connectAsync("ws://localhost:" + listening.getLocalPort(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                connecting.get(60, TimeUnit.SECONDS);
            }
        }

        @Test
        void aSilentServerIsGivenUp() throws Exception {
            useClient(WebSocketClient.builder().timeouts(patience(2000)));
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                assertThat(failureOf(connecting))
                        .hasMessage(uri() + ": timeout: still waiting for the server's answer after 2.0 s");
                peer.awaitEof();
            }
        }

        @Test
        void aServerThatIsSilentInTlsIsGivenUp() throws Exception {
            useClient(WebSocketClient.builder().timeouts(patience(2000)));
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri().replace("ws:", "wss:"), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                assertThat(failureOf(connecting)).hasMessageContaining("still in the TLS handshake");
                peer.awaitEnd();
            }
        }

        @Test
        @Covers("WS-4.1-C2")
        void oneAttemptAtATimeGoesToAnAddress() throws Exception {
            useClient(WebSocketClient.builder().threads(3).timeouts(patience(5000)));
            CompletableFuture<WebSocket> first = client.connectAsync(uri(), recorder);
            CompletableFuture<WebSocket> second;
            CompletableFuture<WebSocket> third;
            try (RawPeer silent = RawPeer.accept(listening)) {
                // Each attempt is on a loop of its own: only now is it sure which one came first.
                silent.head();
                second = client.connectAsync(uri().replace("127.0.0.1", "localhost"), recorder);
                third = client.connectAsync(uri(), recorder);
                listening.setSoTimeout(100);
                assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(listening::accept);
                failureOf(first);
            }
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
            }
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
            }
            second.get(60, TimeUnit.SECONDS);
            third.get(60, TimeUnit.SECONDS);
        }

        @Test
        void cancellingEndsTheAttempt() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                connecting.cancel(false);
                peer.awaitEof();
            }
        }

        @Test
        void aTimeoutOfTheFutureEndsTheAttemptToo() throws Exception {
            useClient(WebSocketClient.builder().timeouts(patience(60_000)));
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                connecting.orTimeout(200, TimeUnit.MILLISECONDS);
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(() -> connecting.get(60, TimeUnit.SECONDS))
                        .withCauseInstanceOf(TimeoutException.class);
                peer.awaitEof();
            }
        }

        @Test
        void aCancelledAttemptGivesItsTurnToTheNext() throws Exception {
            CompletableFuture<WebSocket> first = client.connectAsync(uri(), recorder);
            CompletableFuture<WebSocket> cancelled = client.connectAsync(uri(), recorder);
            CompletableFuture<WebSocket> last = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                cancelled.cancel(false);
                peer.acceptHandshake();
                first.get(60, TimeUnit.SECONDS);
            }
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                last.get(60, TimeUnit.SECONDS);
            }
        }

        @Test
        void anInterruptEndsTheWait() throws Exception {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    client.connect(uri(), recorder);
                } catch (WebSocketException e) {
                    thrown.complete(e);
                }
            });
            waiting.start();
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                waiting.interrupt();
                assertThat(thrown.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
                peer.awaitEof();
            }
        }

        @Test
        void aConnectionThatComesWithTheInterruptIsNotLeftBehind() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                WebSocket socket = connecting.get(60, TimeUnit.SECONDS);
                CompletableFuture<WebSocket> interrupted = new CompletableFuture<>() {
                    @Override
                    public WebSocket get() throws InterruptedException {
                        complete(socket);
                        throw new InterruptedException();
                    }
                };
                assertThatExceptionOfType(WebSocketException.class).isThrownBy(() -> client.await(interrupted));
                assertThat(Thread.interrupted()).isTrue();
                peer.awaitEnd();
            }
        }

        @Test
        void closingTheClientFailsTheAttempts() throws Exception {
            CompletableFuture<WebSocket> first = client.connectAsync(uri(), recorder);
            CompletableFuture<WebSocket> waiting = client.connectAsync(uri(), recorder);
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                client.close();
                assertThat(failureOf(first)).hasMessageContaining("client is closed");
                assertThat(failureOf(waiting)).hasMessageContaining("client is closed");
                peer.awaitEnd();
            }
            assertThatIllegalStateException().isThrownBy(() -> client.connectAsync(uri(), recorder));
        }

        @Test
        void handlersMayNotWaitForTheirOwnLoop() throws Exception {
            CompletableFuture<Throwable> connect = new CompletableFuture<>();
            CompletableFuture<Throwable> close = new CompletableFuture<>();
            client.connectAsync(uri(), handshake -> new WebSocketHandler() {
                @Override
                public void onOpen(WebSocket socket) {
                    connect.complete(
                            catchThrowableOfType(IllegalStateException.class, () -> client.connect(uri(), recorder)));
                    close.complete(catchThrowableOfType(IllegalStateException.class, client::close));
                }
            });
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.acceptHandshake();
                assertThat(connect.get(60, TimeUnit.SECONDS)).hasMessageContaining("another thread");
                assertThat(close.get(60, TimeUnit.SECONDS)).hasMessageContaining("another thread");
            }
        }
    }
}
