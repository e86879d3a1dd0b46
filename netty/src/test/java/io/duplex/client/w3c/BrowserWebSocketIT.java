package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.testkit.Covers;
import io.duplex.transport.RawPeer;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code WebSocket} interface, as a raw server and its listeners see it (WHATWG WebSockets Standard §3). */
class BrowserWebSocketIT {
    private static final String SWITCHING =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

    private final ManualLoop loop = new ManualLoop();

    @RegisterExtension
    private final Peers peers = new Peers();

    @Nested
    class Constructor {
        @Test
        @Covers({"WAPI-CTOR-7", "WAPI-CTOR-10", "WAPI-STATE-1", "WAPI-BUF-3"})
        void returnsWithoutWaitingForAServerThatIsSilent() throws Exception {
            BrowserWebSocket socket = peers.connect("a");
            assertThat(socket.readyState())
                    .isEqualTo(BrowserWebSocket.CONNECTING)
                    .isEqualTo(0);
            assertThat(socket.url()).isEqualTo(peers.url());
            assertThat(socket.extensions()).isEmpty();
            assertThat(socket.protocol()).isEmpty();
            assertThat(socket.binaryType()).isSameAs(BinaryType.BLOB).hasToString("blob");
            assertThat(socket.bufferedAmount()).isEqualTo(0L);
            assertThat(BrowserWebSocket.OPEN).isEqualTo(1);
            assertThat(BrowserWebSocket.CLOSING).isEqualTo(2);
            assertThat(BrowserWebSocket.CLOSED).isEqualTo(3);
        }

        @ParameterizedTest
        @ValueSource(strings = {"a|a", "|", "a b", "a,b", "ä", "a\u007F", "a@b", "(", "a|b|a", "\u0000"})
        @Covers({"WAPI-CTOR-5", "WAPI-CTOR-6"})
        void subprotocolsThatCannotBeOfferedAreSyntaxErrors(String names) {
            DomException failure =
                    catchThrowableOfType(DomException.class, () -> peers.connect(names.split("\\|", -1)));
            assertThat(failure.name()).isEqualTo("SyntaxError");
        }

        @Test
        @Covers("WAPI-CTOR-8")
        void theUrlIsCheckedBeforeTheSubprotocols() {
            assertThatThrownBy(() -> new BrowserWebSocket(peers.builder().build(), "ws://h/#", "a", "a"))
                    .isInstanceOf(DomException.class)
                    .hasMessageContaining("fragment");
        }

        @Test
        void nothingIsLeftBehindWhenItThrows() throws Exception {
            peers.close();
            Environment environment = peers.builder().keepsJvmAlive(true).build();
            assertThatIllegalStateException().isThrownBy(() -> new BrowserWebSocket(environment, "ws://h/"));
            JvmHolds.awaitNone();
        }
    }

    @Nested
    class OpeningHandshake {
        @Test
        @Covers({"WAPI-HS-1", "WAPI-HS-6", "WAPI-HS-7", "WAPI-HS-8", "WAPI-CTOR-5", "WAPI-CTOR-6", "WAPI-EV-1"})
        void sendsWhatABrowserSendsAndTellsWhatWasAgreed() throws Exception {
            Environment environment = peers.builder()
                    .executor(loop)
                    .origin("https://chat.example")
                    .baseUrl("http://me:pw@" + peers.authority() + "/a/b")
                    .build();
            BrowserWebSocket socket = new BrowserWebSocket(environment, "./c/../d e?f=g h", "v2", "V2");
            assertThat(socket.url()).isEqualTo("ws://me:pw@" + peers.authority() + "/a/d%20e?f=g%20h");
            EventLog log = new EventLog();
            socket.onopen(event -> log.add(socket.readyState() + " " + socket.protocol() + " " + socket.extensions()));
            try (RawPeer peer = peers.accept()) {
                String extension = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover";
                String request = peer.acceptHandshake("Sec-WebSocket-Protocol: V2", extension);
                assertThat(request)
                        .startsWith("GET /a/d%20e?f=g%20h HTTP/1.1\r\nHost: " + peers.authority() + "\r\n")
                        .contains("\r\nSec-WebSocket-Protocol: v2, V2\r\n")
                        .contains("\r\nSec-WebSocket-Extensions: permessage-deflate")
                        .contains("\r\nOrigin: https://chat.example\r\n", "\r\nCookie: a=b\r\n")
                        .contains("\r\nAuthorization: Basic bWU6cHc=\r\n")
                        .doesNotContain("Referer", "of-the-client");
                loop.await();
                assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CONNECTING);
                assertThat(socket.protocol() + socket.extensions()).isEmpty();
                loop.turn();
                assertThat(log.next()).isEqualTo("1 V2 permessage-deflate; client_no_context_takeover");
            }
        }

        @Test
        @Covers("WAPI-HS-9")
        void oneConnectionAtATimeIsBeingMadeToAServer() throws Exception {
            EventLog first = EventLog.of(peers.connect());
            EventLog second = EventLog.of(peers.connect());
            try (RawPeer peer = peers.accept()) {
                peers.listening().setSoTimeout(200);
                assertThatThrownBy(() -> peers.listening().accept()).isInstanceOf(SocketTimeoutException.class);
                peer.acceptHandshake();
                assertThat(first.next()).isEqualTo("open");
                try (RawPeer other = peers.open()) {
                    assertThat(second.next()).isEqualTo("open");
                    assertThat(other.isSilentFor(1)).isTrue();
                }
            }
        }
    }

    /** None of them tells the script more than the others do. */
    @Nested
    class Failure {
        private void isBare(EventLog log) throws Exception {
            assertThat(log.all()).containsExactly("error", "close 1006 not clean ''");
        }

        private void isBareAfter(String answer) throws Exception {
            EventLog log = EventLog.of(peers.connect("a"));
            try (RawPeer peer = peers.accept()) {
                peer.send(answer.replace("ACCEPT", RawPeer.acceptOf(peer.head())));
                peer.shutdownOutput();
                isBare(log);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ws://nobody.invalid/",
                    "ws://127.0.0.1:1/",
                    "ws://127.0.0.1:0/",
                })
        @Covers({"WAPI-EV-10", "WAPI-HS-3", "WAPI-EV-7"})
        void toReachTheServer(String url) throws Exception {
            isBare(EventLog.of(new BrowserWebSocket(peers.builder().build(), url)));
        }

        @Test
        @Covers({"WAPI-EV-10", "WAPI-EV-11"})
        void ofTls() throws Exception {
            EventLog log = EventLog.of(
                    new BrowserWebSocket(peers.builder().build(), peers.url().replace("ws:", "wss:")));
            try (RawPeer peer = peers.accept()) {
                peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
                isBare(log);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "302 Found\r\nLocation: /other",
                    "200 OK",
                    "401 Unauthorized\r\nWWW-Authenticate: Basic",
                    "500 Oops"
                })
        @Covers({"WAPI-EV-10", "WAPI-HS-2", "WAPI-HS-3"})
        void ofAnotherStatus(String status) throws Exception {
            isBareAfter("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "", // no subprotocol
                    "Sec-WebSocket-Protocol: \r\n",
                    "Sec-WebSocket-Protocol: b\r\n",
                    "Sec-WebSocket-Protocol: A\r\n",
                    "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n",
                    "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: unknown\r\n",
                })
        @Covers({"WAPI-EV-10", "WAPI-HS-4", "WAPI-HS-5"})
        void ofTheNegotiation(String fields) throws Exception {
            isBareAfter(SWITCHING + "Sec-WebSocket-Accept: ACCEPT\r\n" + fields + "\r\n");
        }

        @Test
        @Covers({"WAPI-EV-10", "WAPI-HS-5"})
        void ofTheAccept() throws Exception {
            isBareAfter(SWITCHING + RawPeer.ACCEPT + "\r\nSec-WebSocket-Protocol: a\r\n\r\n");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "", // TCP ends
                    "8102ff41", // no UTF-8
                    "c10141", // RSV1 without an extension
                    "8f00", // no opcode
                    "8801aa", // a Close frame with half a code
                })
        @Covers({"WAPI-EV-10", "WAPI-EV-5", "WAPI-EV-7", "WAPI-EV-8"})
        void afterOpen(String frame) throws Exception {
            EventLog log = EventLog.of(peers.connect());
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                peer.sendHex(frame);
                peer.shutdownOutput();
                isBare(log);
            }
        }
    }

    @Nested
    class Sending {
        @Test
        @Covers("WAPI-SEND-1")
        void isAnErrorWhileConnecting() {
            BrowserWebSocket socket = peers.connect();
            for (DomException failure : List.of(
                    catchThrowableOfType(DomException.class, () -> socket.send("a")),
                    catchThrowableOfType(DomException.class, () -> socket.send(new byte[1])))) {
                assertThat(failure.name()).isEqualTo("InvalidStateError");
            }
            assertThat(socket.bufferedAmount()).isZero();
        }

        @Test
        @Covers({"WAPI-SEND-2", "WAPI-SEND-4", "WAPI-SEND-6", "WAPI-SEND-7", "WAPI-OLD-3"})
        void hasFourForms() throws Exception {
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                byte[] bytes = {1, 2, 3, 4};
                ByteBuffer view = ByteBuffer.wrap(bytes, 1, 2);
                socket.send("ab\uD800");
                socket.send(bytes);
                socket.send(view);
                socket.send(Blob.of(bytes).slice(2));
                socket.send("");
                bytes[1] = 9;
                assertThat(view.remaining()).isEqualTo(2);
                assertThat(peer.readMaskedHex()).isEqualTo("81056162efbfbd");
                assertThat(peer.readMaskedHex()).isEqualTo("820401020304");
                assertThat(peer.readMaskedHex()).isEqualTo("82020203");
                assertThat(peer.readMaskedHex()).isEqualTo("82020304");
                assertThat(peer.readMaskedHex()).isEqualTo("8100");
            }
        }

        @Test
        @Covers({"WAPI-BUF-1", "WAPI-BUF-4"})
        void countsUntilTheTurnIsOver() throws Exception {
            BrowserWebSocket socket = peers.connectOn(loop);
            EventLog log = new EventLog();
            try (RawPeer peer = peers.open()) {
                socket.onopen(event -> {
                    socket.send("\uD800é\uD83E\uDDA6");
                    socket.send(new byte[10]);
                    peer.read(6 + 9 + 6 + 10);
                    log.add("" + socket.bufferedAmount());
                });
                loop.turn();
                assertThat(log.next()).isEqualTo("19");
                while (socket.bufferedAmount() > 0) {
                    loop.turn();
                }
                assertThat(loop.isIdle()).isTrue();
            }
        }

        @Test
        @Covers({"WAPI-BUF-2", "WAPI-SEND-3", "WAPI-OLD-2"})
        void afterClosingCountsForGood() throws Exception {
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                socket.close();
                socket.send("été");
                socket.send(new byte[10]);
                assertThat(socket.bufferedAmount()).isEqualTo(15);
                assertThat(peer.readMaskedHex()).isEqualTo("8800");
                peer.sendHex("8800");
                peer.shutdownOutput();
                peer.awaitEof();
                assertThat(log.next()).isEqualTo("close 1005 clean ''");
                socket.send(Blob.of("abc"));
                socket.send(ByteBuffer.allocate(2));
                assertThat(socket.bufferedAmount()).isEqualTo(20);
            }
        }

        @Test
        @Covers("WAPI-CLOSE-11")
        void goesBeforeClosing() throws Exception {
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            byte[] content = new byte[3 << 20];
            new Random(1).nextBytes(content);
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                socket.send(content);
                socket.close(1000);
                assertThat(peer.readHex(10)).isEqualTo("82ff0000000000300000");
                peer.read(4 + content.length);
                assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
            }
        }

        static Stream<SendPolicy> policiesThatDrop() {
            return Stream.of(SendPolicy.dropNewest(), SendPolicy.dropOldest(), SendPolicy.latestOnly());
        }

        @ParameterizedTest
        @MethodSource("policiesThatDrop")
        @Covers("WAPI-SEND-5")
        void noMessageIsLostUnderAPolicyThatDrops(SendPolicy policy) throws Exception {
            peers.limits(
                    Limits.builder().maxQueueBytes(1 << 16).sendPolicy(policy).build());
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                long sent = 0;
                while (socket.readyState() == BrowserWebSocket.OPEN) {
                    socket.send(new byte[1 << 16]);
                    sent += 1 << 16;
                    assertThat(sent).as("bytes that nobody takes").isLessThan(1 << 30);
                }
                assertThat(log.next()).isEqualTo("error");
                assertThat(log.next()).startsWith("close ");
                assertThat(socket.bufferedAmount()).isPositive();
                peer.awaitEnd();
            }
        }

        @Test
        @Covers("WAPI-SEND-5")
        void moreThanCanBeQueuedEndsTheConnection() throws Exception {
            peers.limits(Limits.builder().maxQueueBytes(1 << 16).build());
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                long sent = 0;
                while (socket.readyState() == BrowserWebSocket.OPEN) {
                    socket.send(new byte[1 << 16]);
                    sent += 1 << 16;
                }
                assertThat(log.next()).isEqualTo("error");
                assertThat(log.next()).startsWith("close ");
                assertThat(socket.bufferedAmount()).isBetween(1L << 16, sent);
                peer.awaitEnd();
            }
        }
    }

    @Nested
    class Receiving {
        @Test
        @Covers({"WAPI-EV-4", "WAPI-EV-5", "WAPI-BIN-1", "WAPI-EV-12"})
        void givesStringsBlobsAndBuffers() throws Exception {
            BrowserWebSocket socket = peers.connect();
            EventLog log = EventLog.of(socket);
            socket.addEventListener("message", event -> log.add("from " + ((MessageEvent) event).origin()));
            try (RawPeer peer = peers.open()) {
                assertThat(log.next()).isEqualTo("open");
                peer.sendHex("8103e282ac 8202aabb");
                assertThat(log.next()).isEqualTo("message €");
                assertThat(log.next()).isEqualTo("from ws://" + peers.authority());
                assertThat(log.next()).isEqualTo("message blob aabb");
                assertThat(log.next()).startsWith("from");
                socket.binaryType(BinaryType.ARRAYBUFFER);
                assertThat(socket.binaryType()).hasToString("arraybuffer");
                peer.sendHex("8202ccdd");
                assertThat(log.next()).isEqualTo("message buffer ccdd");
                assertThat(BinaryType.parse("arraybuffer")).isSameAs(BinaryType.ARRAYBUFFER);
                assertThat(BinaryType.parse("x")).isNull();
            }
        }

        @Test
        @Covers("WAPI-BIN-2")
        void asksForTheBinaryTypeWhenTheEventIsFired() throws Exception {
            BrowserWebSocket socket = peers.connectOn(loop);
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                loop.turn();
                peer.sendHex("820101");
                loop.await();
                socket.binaryType(BinaryType.ARRAYBUFFER);
                loop.turn();
                assertThat(log.next()).isEqualTo("open");
                assertThat(log.next()).isEqualTo("message buffer 01");
            }
        }

        @Test
        @Covers("WAPI-EV-3")
        void dropsWhatCameBeforeItsEvent() throws Exception {
            BrowserWebSocket socket = peers.connectOn(loop);
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.open()) {
                loop.turn();
                assertThat(log.next()).isEqualTo("open");
                peer.sendHex("810161");
                loop.await();
                socket.close();
                assertThat(peer.readMaskedHex()).isEqualTo("8800");
                peer.sendHex("810162 8800");
                peer.shutdownOutput();
                peer.awaitEof();
                while (socket.readyState() != BrowserWebSocket.CLOSED) {
                    loop.turn();
                }
                assertThat(log.next()).isEqualTo("close 1005 clean ''");
            }
        }

        @Test
        @Covers({"WAPI-EV-12", "WAPI-EV-9"})
        void keepsTheOrderOfTheWire() throws Exception {
            EventLog log = EventLog.of(peers.connect());
            try (RawPeer peer = peers.accept()) {
                String request = peer.head();
                StringBuilder frames = new StringBuilder();
                for (int i = 0; i < 200; i++) {
                    frames.append("8203").append(String.format("%06x", i));
                }
                peer.send(RawPeer.acceptance(request));
                peer.sendHex(frames + "88020fa0");
                assertThat(log.next()).isEqualTo("open");
                for (int i = 0; i < 200; i++) {
                    assertThat(log.next()).isEqualTo("message blob " + String.format("%06x", i));
                }
                peer.shutdownOutput();
                assertThat(log.next()).isEqualTo("close 4000 clean ''");
                assertThat(log.isEmpty()).isTrue();
            }
        }
    }
}
