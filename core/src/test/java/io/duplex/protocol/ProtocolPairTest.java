package io.duplex.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client's engine and a server's, joined in memory, under random scripts. */
@Covers({"WS-5.1-5", "WS-5.4-5", "WS-5.5.1-10", "WS-5.5.2-3", "WS-6.1-2", "WS-6.2-4", "WS-7.1.2-2", "WS-7.3-3"})
class ProtocolPairTest {
    private static final int SCRIPTS = 400;

    private static final DeflateParameters[] COMPRESSIONS = {
        null,
        new DeflateParameters(true, true, 15, 15),
        new DeflateParameters(false, false, 15, 15),
        new DeflateParameters(false, true, 9, 10)
    };

    static IntStream seeds() {
        return IntStream.range(0, SCRIPTS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatOneSideSendsTheOtherReceivesInOrderAndBothEndCleanly(int seed) {
        Random random = new Random(seed);
        DeflateParameters compression = COMPRESSIONS[random.nextInt(COMPRESSIONS.length)];
        Side client = new Side(Script.client().maskingKeys(random::nextInt), compression, random);
        Side server = new Side(Script.server(), compression, random);
        for (int steps = 10 + random.nextInt(60); steps > 0; steps--) {
            Side side = random.nextBoolean() ? client : server;
            Side other = side == client ? server : client;
            if (random.nextInt(3) == 0) {
                side.deliverSome(other);
            } else {
                side.act();
            }
        }
        // Often both at the same time.
        (random.nextBoolean() ? client : server).close();
        if (random.nextInt(3) == 0) {
            client.close();
            server.close();
        }
        while (client.hasPending() || server.hasPending()) {
            client.deliverSome(server);
            server.deliverSome(client);
        }
        check(client, server);
        check(server, client);
        assertThat(server.engine().transportIntent()).isEqualTo(TransportIntent.CLOSE);
        assertThat(client.engine().transportIntent()).isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
        for (Side side : List.of(client, server)) {
            side.script.receiveEof();
            assertThat(side.engine().state()).isEqualTo(ReadyState.CLOSED);
            assertThat(side.script.end().buffers().outstanding()).isZero();
        }
    }

    private static void check(Side from, Side to) {
        List<String> received = new ArrayList<>(to.script.joinedEvents());
        String close = received.remove(received.size() - 1);
        assertThat(close).isEqualTo("CLOSE_RECEIVED " + from.engine().closeSent());
        assertThat(to.engine().closeReceived()).isEqualTo(from.engine().closeSent());
        assertThat(to.engine().violation()).isNull();
        List<String> pongs =
                received.stream().filter(line -> line.startsWith("PONG")).toList();
        received.removeAll(pongs);
        assertThat(received).isEqualTo(from.said);
        // Each Ping that came before the Close was answered, in order.
        List<String> pings =
                to.said.stream().filter(line -> line.startsWith("PING")).toList();
        assertThat(pongs.stream().map(line -> line.replace("PONG", "PING")).toList())
                .isEqualTo(pings.subList(0, pongs.size()));
        if (!from.closedFirst) {
            assertThat(pongs).hasSameSizeAs(pings);
        }
    }

    /** One engine with what it said and what is on the way to it. */
    private static final class Side {
        private final Script script;
        private final Random random;
        private final List<String> said = new ArrayList<>();
        private final StringBuilder parts = new StringBuilder();
        private boolean partsAreText;
        private boolean closedFirst;
        private ByteBuffer pending = ByteBuffer.allocate(0);

        Side(Script script, DeflateParameters compression, Random random) {
            this.script = random.nextBoolean() ? script.inParts() : script;
            this.random = random;
            if (compression != null) {
                script.compression(
                        compression,
                        PermessageDeflate.builder()
                                .thresholdBytes(random.nextInt(200))
                                .build());
            }
            if (random.nextBoolean()) {
                script.direct();
            }
        }

        WebSocketProtocol engine() {
            return script.protocol();
        }

        void act() {
            if (engine().state() != ReadyState.OPEN) {
                return;
            }
            switch (random.nextInt(20)) {
                case 0, 1, 2 -> {
                    byte[] payload = randomBytes(random.nextInt(125));
                    engine().sendPing(ByteBuffer.wrap(payload));
                    said.add(line("PING", hex(payload)));
                }
                case 3 -> close();
                default -> {
                    if (engine().isSendingParts() || random.nextInt(3) == 0) {
                        sendPart();
                    } else {
                        sendWhole();
                    }
                }
            }
        }

        private void sendWhole() {
            if (random.nextBoolean()) {
                String text = randomText();
                if (random.nextBoolean()) {
                    engine().sendText(text);
                } else {
                    engine().sendText(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                }
                said.add(line("TEXT", text));
            } else {
                byte[] payload = randomBytes(random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(300));
                engine().sendBinary(ByteBuffer.wrap(payload));
                said.add(line("BINARY", hex(payload)));
            }
        }

        private void sendPart() {
            if (!engine().isSendingParts()) {
                partsAreText = random.nextBoolean();
            }
            boolean last = random.nextInt(3) == 0;
            byte[] part =
                    partsAreText ? randomText().getBytes(StandardCharsets.UTF_8) : randomBytes(random.nextInt(1000));
            parts.append(hex(part));
            if (partsAreText) {
                engine().sendTextPart(ByteBuffer.wrap(part), last);
            } else {
                engine().sendBinaryPart(ByteBuffer.wrap(part), last);
            }
            if (last) {
                String whole = parts.toString();
                parts.setLength(0);
                said.add(
                        partsAreText
                                ? line("TEXT", new String(Hex.parse(whole).array(), StandardCharsets.UTF_8))
                                : line("BINARY", whole));
            }
        }

        void close() {
            closedFirst |= engine().state() == ReadyState.OPEN;
            engine().close(random.nextInt(5) == 0 ? CloseStatus.NO_STATUS : new CloseStatus(4000, randomReason()));
        }

        private String randomReason() {
            return random.nextBoolean() ? "" : "bye \u20ac";
        }

        boolean hasPending() {
            takeSent();
            return pending.hasRemaining();
        }

        /** Brings some of what this side has sent to the other one. */
        void deliverSome(Side other) {
            takeSent();
            int bytes = Math.min(pending.remaining(), 1 + random.nextInt(random.nextBoolean() ? 20 : 70_000));
            other.script.receive(pending.slice(pending.position(), bytes));
            pending.position(pending.position() + bytes);
        }

        private void takeSent() {
            ByteBuffer more = script.takeSent();
            pending = ByteBuffer.allocate(pending.remaining() + more.remaining())
                    .put(pending)
                    .put(more)
                    .flip();
        }

        private String randomText() {
            String[] texts = {"", "a", "\u00e9", "\u20ac", "\uD83D\uDE00", "Hello, all of you. ", "x".repeat(150)};
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(texts[random.nextInt(texts.length)]);
            }
            return text.toString();
        }

        private byte[] randomBytes(int length) {
            byte[] bytes = new byte[length];
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
            } else {
                Arrays.fill(bytes, (byte) random.nextInt());
            }
            return bytes;
        }

        private static String hex(byte[] bytes) {
            return Hex.format(ByteBuffer.wrap(bytes));
        }

        private static String line(String name, String content) {
            return content.isEmpty() ? name : name + " " + content;
        }
    }
}
