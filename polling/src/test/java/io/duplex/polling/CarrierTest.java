package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.connection.Connection;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The WebSocket connection that carries a session. */
class CarrierTest {
    private static final String ORIGIN = "http://server.test";
    private static final String EMPTY_BLOCK = "binary 00000000000000000000000000000001";
    private static final String HI = "7400000002" + "4869";

    private final MemoryHost host = new MemoryHost();
    private final MemoryNetwork network = new MemoryNetwork(host.loop());
    private final RecordingHandler handler = new RecordingHandler();
    private final RecordingHandler client = new RecordingHandler();
    private final Polling polling = Polling.of(handshake -> handler);
    private String id = "";

    @BeforeEach
    void open() {
        polling.start(host);
        MemoryExchange opened = serve("POST", "/", "Content-Type", "application/octet-stream", "Origin", ORIGIN);
        id = opened.text().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    private MemoryExchange serve(String method, String target, String... fields) {
        MemoryExchange exchange = new MemoryExchange(host.loop().shared(), method, target, new byte[0], fields);
        polling.serve(exchange);
        host.loop().run();
        return exchange;
    }

    private CompletionStage<Upgrade> upgrade(String target, String subprotocols, String origin) {
        HeaderFields fields = HeaderFields.builder()
                .add("Host", "server.test")
                .add("Upgrade", "websocket")
                .add("Connection", "Upgrade")
                .add("Origin", origin)
                .add("Sec-WebSocket-Version", "13")
                .add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                .add("Sec-WebSocket-Protocol", subprotocols)
                .build();
        return polling.upgrade(new UpgradeRequest(
                new RequestHead("GET", target, HttpVersion.HTTP_1_1, fields),
                InetSocketAddress.createUnresolved("peer.test", 443),
                false,
                List.of()));
    }

    private Connection connect(int turn) {
        Upgrade.Accepted accepted =
                (Upgrade.Accepted) upgrade("/carrier?after=0&turn=" + turn, "duplex.session.1, " + id, ORIGIN)
                        .toCompletableFuture()
                        .join();
        assertThat(accepted.handshake().subprotocol()).isEqualTo("duplex.session.1");
        Connection socket = network.connect(client, accepted.handler(), accepted.handshake())
                .client();
        host.loop().run();
        return socket;
    }

    private int refusal(String target, String subprotocols, String origin) {
        Upgrade answer =
                upgrade(target, subprotocols, origin).toCompletableFuture().join();
        return ((Upgrade.Refused) answer).answer().status();
    }

    @Test
    @Covers("FB-1")
    void theFirstBlockShowsThatTheCarrierWorks() {
        connect(1);
        assertThat(client.lines()).containsExactly("open", EMPTY_BLOCK);
    }

    @Test
    @Covers({"FB-1", "FB-2"})
    void blocksGoBothWays() {
        Connection socket = connect(1);
        socket.send(Hex.parse("0000000000000000 0000000000000001 " + HI));
        host.loop().run();
        host.sessions().get(0).send("Ho");
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open", "text Hi");
        assertThat(client.lines())
                .containsExactly(
                        "open", EMPTY_BLOCK, "binary 00000000000000010000000000000001" + "7400000002" + "486f");
    }

    @Test
    void whatCameIsAcknowledgedWithinASecond() {
        Connection socket = connect(1);
        socket.send(Hex.parse("0000000000000000 0000000000000001 " + HI));
        host.loop().pass(Duration.ofMillis(1200));
        assertThat(client.lines()).last().isEqualTo("binary 00000000000000010000000000000001");
    }

    @Test
    void muchIsAcknowledgedAtOnce() {
        Connection socket = connect(1);
        ByteBuffer block = ByteBuffer.allocate(21 + (40 << 10)).putLong(0).putLong(1);
        socket.send(block.put((byte) 'b').putInt(40 << 10).rewind());
        host.loop().run();
        assertThat(client.lines()).last().isEqualTo("binary 00000000000000010000000000000001");
    }

    @ParameterizedTest
    @CsvSource({
        "00, 1002 message is no block",
        "00000000000000000000000000000002" + HI + ", 1002 block has a gap before it",
        "00000000000000070000000000000001, 1002 acknowledges what was not sent"
    })
    void aBadBlockEndsTheCarrierAndNotTheSession(String block, String close) {
        connect(1).send(Hex.parse(block));
        host.loop().run();
        assertThat(client.lines()).last().asString().startsWith("close " + close);
        assertThat(handler.lines()).containsExactly("open");
        assertThat(serve("GET", "/?via=poll&turn=2", "Duplex-Session", id).status())
                .isEqualTo(200);
    }

    @Test
    void textIsNoBlock() {
        connect(1).send("Hi");
        host.loop().run();
        assertThat(client.lines()).last().asString().startsWith("close 1003");
    }

    @Test
    @Covers("POLL-8")
    void theHigherTurnReceives() {
        MemoryExchange poll = serve("GET", "/?via=long&turn=1", "Duplex-Session", id);
        connect(2);
        assertThat(poll.isEnded()).isTrue();
        assertThat(serve("GET", "/?via=long&turn=1", "Duplex-Session", id).status())
                .isEqualTo(409);
        serve("GET", "/?via=long&turn=3", "Duplex-Session", id);
        assertThat(client.lines()).last().asString().startsWith("close 1000 another carrier receives");
    }

    @Test
    void aLowerTurnIsClosed() {
        serve("GET", "/?via=long&turn=5", "Duplex-Session", id);
        connect(4);
        assertThat(client.lines()).last().asString().startsWith("close 1008");
    }

    @Test
    void anOldCarrierGoesWithTheSession() {
        connect(1);
        host.sessions().get(0).abort();
        host.loop().run();
        assertThat(client.lines()).last().asString().startsWith("close 1000 session has ended");
    }

    @Test
    void aHandlerThatPausesPausesTheCarrier() {
        Connection socket = connect(1);
        host.sessions().get(0).pause();
        host.loop().run();
        socket.send(Hex.parse("0000000000000000 0000000000000001 " + HI));
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open");
        host.sessions().get(0).resume();
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open", "text Hi");
    }

    private ByteBuffer block(long number, int length) {
        ByteBuffer block = ByteBuffer.allocate(21 + length).putLong(0).putLong(number);
        return block.put((byte) 'b').putInt(length).rewind();
    }

    @Test
    void whatWaitsForTheSessionCountsWithAllThatIsReceived() {
        Connection socket = connect(1);
        host.sessions().get(0).pause();
        host.loop().run();
        for (int number = 1; number <= 3; number++) {
            socket.send(block(number, 1000));
            host.loop().run();
            assertThat(host.loop().lentBuffers()).isEqualTo(number);
        }
        host.sessions().get(0).resume();
        host.loop().run();
        assertThat(handler.lines()).hasSize(4);
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void tooManySmallBlocksThatWaitAreAsManyAsBigOnes() {
        Connection socket = connect(1);
        host.sessions().get(0).pause();
        host.loop().run();
        int number = 0;
        while (client.lines().size() == 2 && number < 10_000) {
            socket.send(block(++number, 0));
            host.loop().run();
        }
        assertThat(client.lines()).last().asString().startsWith("close 1013 more than is waited with");
        assertThat(number).isBetween(1500, 2500);
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void whereNoMemoryIsLeftToWaitWithTheClientIsToComeBack() {
        Connection socket = connect(1);
        host.sessions().get(0).pause();
        host.loop().run();
        host.loop().exhaustBuffers();
        socket.send(block(1, 1000));
        host.loop().run();
        assertThat(client.lines()).last().asString().startsWith("close 1013 no memory is left");
        assertThat(host.sessions()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whoLeavesTakesWhatWaitsAlong(boolean bySession) {
        Connection socket = connect(1);
        host.sessions().get(0).pause();
        host.loop().run();
        socket.send(block(1, 1000));
        host.loop().run();
        assertThat(host.loop().lentBuffers()).isOne();
        (bySession ? host.sessions().get(0) : socket).abort();
        host.loop().run();
        assertThat(host.loop().lentBuffers()).isZero();
    }

    @Test
    void whatWaitsForAPeerToTakeWhatItWasSentIsGivenUpWhileMemoryIsShort() {
        Connection socket = connect(1);
        for (int i = 0; i < 70; i++) {
            host.sessions().get(0).send(ByteBuffer.allocate(4 << 10));
        }
        host.loop().run();
        host.sessions().get(0).pause();
        host.loop().run();
        host.sessions().get(0).resume();
        host.loop().run();
        int before = host.loop().lentBuffers();
        socket.send(block(1, 5000));
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open");
        for (int i = 0; i < 11 + 256; i++) { // a second for each kibibyte that is under way
            assertThat(host.loop().lentBuffers()).isEqualTo(before + 1);
            host.loop().shared().onShortage(1);
            host.loop().run();
        }
        assertThat(host.loop().lentBuffers()).isEqualTo(before);
        assertThat(host.sessions()).isEmpty();
        assertThat(handler.lines()).contains("error NO_MEMORY");
    }

    @Test
    @Covers({"FB-3", "FB-4"})
    void othersCarryNothing() {
        assertThat(refusal("/carrier", "duplex.session.1, " + id, "http://evil.test"))
                .isEqualTo(403);
        assertThat(refusal("/carrier", "duplex.session.1, x", ORIGIN)).isEqualTo(404);
        assertThat(refusal("/carrier", "duplex.session.1", ORIGIN)).isEqualTo(400);
        assertThat(refusal("/carrier?turn=x", "duplex.session.1, " + id, ORIGIN))
                .isEqualTo(400);
    }

    @Test
    @Covers("FB-7")
    void otherRequestsForWebSocketAreNotOurs() {
        assertThat(upgrade("/carrier", "chat", ORIGIN)).isNull();
        assertThat(upgrade("/other", "duplex.session.1, " + id, ORIGIN)).isNull();
        Polling without = Polling.builder(handshake -> handler).via(Via.LONG).build();
        assertThat(without.upgrade(new UpgradeRequest(
                        new RequestHead("GET", "/carrier", HttpVersion.HTTP_1_1, HeaderFields.EMPTY),
                        InetSocketAddress.createUnresolved("peer.test", 443),
                        false,
                        List.of())))
                .isNull();
    }
}
