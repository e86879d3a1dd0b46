package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.TestConnection;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handler is told, when, and when not: order, back-pressure, nothing lost. */
class ConnectionReceivingTest {
    private final List<TestConnection> connections = new ArrayList<>();

    private TestConnection open(WebSocketHandler handler) {
        TestConnection connection = TestConnection.open(handler);
        connections.add(connection);
        return connection;
    }

    @AfterEach
    void noBufferStaysBehind() {
        for (TestConnection connection : connections) {
            connection.socket().abort();
            connection.run();
            connection.loop().shared().workspace().close();
            assertThat(connection.loop().lentBuffers()).isZero();
            assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
            assertThat(connection.handler().lines().get(0)).isEqualTo("open");
        }
    }

    @Test
    void whatOneReadBecomesByInflationIsTakenInSeveralTurns() {
        VirtualLoop loop = new VirtualLoop();
        AtomicInteger received = new AtomicInteger();
        MemoryLink link = new MemoryNetwork(loop)
                .compression(PermessageDeflate.DEFAULT)
                .connect(new WebSocketHandler() {}, new WebSocketHandler() {
                    @Override
                    public void onBinary(WebSocket socket, ByteBuffer payload) {
                        received.incrementAndGet();
                    }
                });
        loop.run();
        for (int i = 0; i < 12; i++) {
            link.client().send(ByteBuffer.allocate(1 << 20));
        }
        loop.run();
        assertThat(received.get()).isEqualTo(5);
        loop.pass(Duration.ofNanos(TimerWheel.TICK_NANOS));
        assertThat(received.get()).isEqualTo(10);
        loop.pass(Duration.ofNanos(TimerWheel.TICK_NANOS));
        assertThat(received.get()).isEqualTo(12);
        link.cut();
        loop.run();
    }

    @Test
    void whatACallbackDoesToAnotherConnectionLeavesItsOwnPayloadAlone() {
        MemoryNetwork network = new MemoryNetwork(new VirtualLoop()).compression(PermessageDeflate.DEFAULT);
        List<String> got = new ArrayList<>();
        MemoryLink kept = network.connect(nothing(), onBinaryPart((socket, part) -> {
            if (part.hasRemaining()) {
                socket.pause();
            }
            got.add(StandardCharsets.US_ASCII.decode(part).toString());
        }));
        MemoryLink other = network.connect(nothing(), onBinaryPart((socket, part) -> {
            kept.server().resume();
            got.add(StandardCharsets.US_ASCII.decode(part).toString());
        }));
        VirtualLoop loop = (VirtualLoop) network.loop();
        loop.run();
        loop.execute(() -> {
            kept.client().send(ascii("a".repeat(2000)));
            kept.client().send(ascii("b".repeat(2000)));
        });
        loop.run();
        other.client().send(ascii("c".repeat(2000)));
        loop.run();
        assertThat(got).containsExactly("a".repeat(2000), "c".repeat(2000), "", "", "b".repeat(2000));
    }

    @Test
    void aPauseHoldsTheRestOfACompressedMessageHoweverMuchItIs() {
        StringBuilder got = new StringBuilder();
        TestConnection connection = TestConnection.builder(onBinaryPart((socket, part) -> {
                    socket.pause();
                    got.append(StandardCharsets.US_ASCII.decode(part));
                }))
                .compression(PermessageDeflate.DEFAULT)
                .open();
        connections.add(connection);
        String text = "a".repeat(500_000) + "b".repeat(500_000);
        connection.peer().sendBytes(compressed(text));
        connection.peer().end();
        int turns = 0;
        for (int before = -1; before < got.length(); turns++) {
            before = got.length();
            assertThat(got.length()).isLessThanOrEqualTo((turns + 1) * (17 << 10));
            connection.socket().resume();
            connection.run();
        }
        assertThat(got).hasToString(text);
        connection.socket().resume();
        connection.run();
        assertThat(connection.handler().outcome()).isNotNull();
    }

    /** A masked frame with {@code text}, compressed to about a thousandth. */
    private static ByteBuffer compressed(String text) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(text.getBytes(StandardCharsets.US_ASCII));
        byte[] octets = new byte[4096];
        int length = deflater.deflate(octets, 0, octets.length, Deflater.SYNC_FLUSH) - 4;
        deflater.end();
        ByteBuffer frame = ByteBuffer.allocate(8 + length);
        return frame.putShort((short) 0xC2FE)
                .putShort((short) length)
                .putInt(0)
                .put(octets, 0, length)
                .flip();
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Takes messages in parts, and does something with each. */
    private static WebSocketHandler onBinaryPart(BiConsumer<WebSocket, ByteBuffer> action) {
        return new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                return Delivery.PARTS;
            }

            @Override
            public void onBinaryPart(WebSocket socket, ByteBuffer part, boolean last) {
                action.accept(socket, part);
            }
        };
    }

    /** Does something with each text message. */
    private static WebSocketHandler onText(BiConsumer<WebSocket, String> action) {
        return new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                action.accept(socket, text);
            }
        };
    }

    private static WebSocketHandler nothing() {
        return new WebSocketHandler() {};
    }

    private static WebSocketHandler inParts() {
        return new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                return Delivery.PARTS;
            }
        };
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void eachKindOfMessageHasItsCallback(Role role) {
        TestConnection connection = TestConnection.builder(nothing()).role(role).open();
        connection.peer().send("Hello");
        connection.peer().send(Hex.parse("0102"));
        connection.peer().ping(Hex.parse("03"));
        connection.peer().pong(Hex.parse("04"));
        assertThat(connection.handler().lines())
                .containsExactly("open", "text Hello", "binary 0102", "ping 03", "pong 04");
        assertThat(connection.peer().received()).containsExactly("pong 03");
    }

    @Test
    void partsAreHandedOutAsTheyCome() {
        TestConnection connection = open(inParts());
        connection.peer().outgoing().readSizes(() -> 8);
        connection.peer().send("Hello you");
        connection.peer().send(Hex.parse("01020304"));
        assertThat(connection.handler().lines())
                .containsExactly("open", "text part He", "text end llo you", "binary part 0102", "binary end 0304");
    }

    @Test
    void whatComesInOnePieceIsHandedOutInOrder() {
        TestConnection connection = open(nothing());
        connection.peer().sendTogether("a", "b", "c");
        assertThat(connection.handler().lines()).containsExactly("open", "text a", "text b", "text c");
    }

    @Test
    void aPauseHoldsWhatIsLeftOfThePieceAndWhatFollows() {
        TestConnection connection = open(onText((socket, text) -> {
            if (text.equals("b")) {
                socket.pause();
            }
        }));
        connection.peer().sendTogether("a", "b", "c", "d");
        connection.peer().sendTogether("e", "f");
        assertThat(connection.handler().take()).containsExactly("open", "text a", "text b");
        assertThat(connection.peer().outgoing().buffered()).isPositive();
        connection.socket().resume();
        connection.run();
        assertThat(connection.handler().lines()).containsExactly("text c", "text d", "text e", "text f");
        assertThat(connection.peer().outgoing().buffered()).isZero();
        connection.handler().take();
        connections.clear();
    }

    @Test
    void nothingIsReadWhilePausedFromOutside() {
        TestConnection connection = open(nothing());
        connection.socket().pause();
        connection.peer().send("a");
        assertThat(connection.handler().lines()).containsExactly("open");
        connection.socket().resume();
        connection.run();
        assertThat(connection.handler().lines()).containsExactly("open", "text a");
    }

    @Test
    void anotherThreadMayPauseAndResume() {
        TestConnection connection = open(nothing());
        connection.loop().elsewhere(() -> connection.socket().pause());
        connection.run();
        connection.peer().send("a");
        assertThat(connection.handler().lines()).containsExactly("open");
        connection.loop().elsewhere(() -> connection.socket().resume());
        connection.run();
        assertThat(connection.handler().lines()).containsExactly("open", "text a");
    }

    @Test
    void resumingInsideACallbackDoesNotNestTheNextOne() {
        TestConnection connection = open(onText((socket, text) -> {
            socket.pause();
            socket.resume();
        }));
        connection.socket().pause();
        connection.peer().sendTogether("a", "b", "c");
        connection.socket().resume();
        connection.run();
        assertThat(connection.handler().lines()).containsExactly("open", "text a", "text b", "text c");
    }

    @Test
    void pausingAfterEachMessageHandsOutOneAtATime() {
        TestConnection connection = open(onText((socket, text) -> socket.pause()));
        connection.peer().sendTogether("a", "b", "c");
        for (String next : List.of("text b", "text c")) {
            connection.handler().take();
            connection.socket().resume();
            connection.run();
            assertThat(connection.handler().lines()).containsExactly(next);
        }
        connections.clear();
    }

    @Test
    void inputThatComesInspiteOfAPauseIsKeptInOrder() {
        // As from a transport that had read it before it was told to stop.
        TestConnection connection = open(onText((socket, text) -> socket.pause()));
        connection.peer().sendTogether("a", "b");
        for (String text : List.of("c", "a longer one, which needs a bigger buffer", "d")) {
            connection.socket().onReadable(masked(text));
        }
        for (int i = 0; i < 4; i++) {
            connection.socket().resume();
            connection.run();
        }
        assertThat(connection.handler().lines())
                .containsExactly(
                        "open",
                        "text a",
                        "text b",
                        "text c",
                        "text a longer one, which needs a bigger buffer",
                        "text d");
    }

    private static ByteBuffer masked(String text) {
        ByteBuffer frame = ByteBuffer.allocate(6 + text.length());
        frame.put((byte) 0x81).put((byte) (0x80 | text.length())).putInt(0);
        return frame.put(text.getBytes(StandardCharsets.UTF_8)).flip();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64, 65536})
    void aPeerThatDoesNotReadIsNotReadFrom(int readSize) {
        String kilobyte = "x".repeat(1024);
        TestConnection connection = open(onText((socket, text) -> socket.send(text + kilobyte)));
        connection.peer().outgoing().readSizes(() -> readSize);
        connection.peer().stopReading();
        String[] texts = new String[1000];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "number " + i;
        }
        connection.peer().sendTogether(texts);
        int taken = connection.handler().lines().size() - 1;
        assertThat(taken).isBetween(64, 300);
        assertThat(connection.socket().bufferedAmount()).isBetween(64L << 10, 70L << 10);
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
        connection.peer().resumeReading();
        assertThat(connection.handler().lines().stream().filter(line -> line.startsWith("text")))
                .containsExactlyElementsOf(
                        List.of(texts).stream().map(text -> "text " + text).toList());
        assertThat(connection.peer().received()).hasSize(texts.length);
        assertThat(connection.socket().bufferedAmount()).isZero();
    }

    @Test
    @Covers({"WS-5.5.1-5", "WS-7.1.1-1"})
    void whatComesAfterThePeersCloseIsDropped() {
        TestConnection connection = open(nothing());
        connection.peer().close();
        connection.peer().send("late");
        connection.peer().ping(Hex.parse("00"));
        assertThat(connection.peer().take()).containsExactly("close 1000", "end");
        connection.peer().end();
        assertThat(connection.handler().lines()).containsExactly("open", "close 1000, clean, by PEER");
    }

    @Test
    void whatComesAfterOwnCloseIsDropped() {
        TestConnection connection = open(nothing());
        connection.socket().close();
        connection.peer().send("late");
        connection.peer().ping(Hex.parse("00"));
        connection.peer().close();
        connection.peer().end();
        assertThat(connection.handler().lines()).containsExactly("open", "close 1000, clean, by SELF");
    }

    @Test
    void closingInACallbackDropsTheRestOfThePiece() {
        TestConnection connection = open(onText((socket, text) -> {
            socket.close(4000, "enough");
            assertThat(socket.readyState()).isEqualTo(ReadyState.CLOSING);
        }));
        connection.peer().sendTogether("a", "b");
        assertThat(connection.handler().lines()).containsExactly("open", "text a");
        assertThat(connection.peer().take()).containsExactly("close 4000 enough");
    }

    @Test
    void abortingInACallbackDropsTheRestOfThePiece() {
        TestConnection connection = open(onText((socket, text) -> {
            socket.abort();
            assertThat(socket.readyState()).isEqualTo(ReadyState.CLOSING);
        }));
        connection.peer().sendTogether("a", "b");
        assertThat(connection.handler().lines()).containsExactly("open", "text a", "close 1006, by SELF");
        assertThat(connection.peer().take()).containsExactly("reset");
    }

    @Test
    void aPauseInsideACompressedMessageLosesNothingOfIt() {
        VirtualLoop loop = new VirtualLoop();
        MemoryNetwork network =
                new MemoryNetwork(loop).compression(PermessageDeflate.builder().build());
        StringBuilder received = new StringBuilder();
        MemoryLink link = network.connect(nothing(), new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                return Delivery.PARTS;
            }

            @Override
            public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
                received.append(StandardCharsets.UTF_8.decode(utf8));
                socket.pause();
            }
        });
        String text = "0123456789".repeat(10_000);
        loop.run();
        assertThat(link.client().isCompressed()).isTrue();
        link.client().send(text);
        loop.run();
        assertThat(received).isNotEmpty();
        for (int i = 0; i < 100; i++) {
            link.server().resume();
            loop.run();
        }
        assertThat(received.toString()).isEqualTo(text);
    }
}
