package io.duplex.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.MemoryPipe;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A client against a server over a bad network, both doing anything at any time: what was promised holds all the same. */
class ConnectionPairProperties {
    @Property(tries = 150)
    void eachMessageArrivesOnceAndInOrderWhateverTheNetworkAndTheEndsDo(@ForAll long seed) {
        Pair pair = new Pair(new Random(seed));
        for (int i = 0; i < 200; i++) {
            pair.doSomething();
        }
        pair.setFree();
        assertThat(pair.atServer.received).isEqualTo(pair.atClient.sent);
        assertThat(pair.atClient.received).isEqualTo(pair.atServer.sent);
        pair.atClient.socket().close();
        pair.loop.run();
        pair.checkEnded();
        assertThat(outcome(pair.atClient).clean()).isTrue();
        assertThat(outcome(pair.atServer).clean()).isTrue();
    }

    @Property(tries = 150)
    void eachConnectionEndsOnceWhateverEndsIt(@ForAll long seed) {
        Random random = new Random(seed);
        Pair pair = new Pair(random);
        int before = random.nextInt(50);
        for (int i = 0; i < before; i++) {
            pair.doSomething();
        }
        End end = random.nextBoolean() ? pair.atClient : pair.atServer;
        switch (random.nextInt(4)) {
            case 0 -> end.socket().close(4000, "");
            case 1 -> end.socket().abort();
            case 2 -> pair.link.cut();
            default -> pair.loop.elsewhere(() -> end.socket().close(4001, ""));
        }
        for (int i = 0; i < 20; i++) {
            pair.doSomething();
        }
        if (random.nextBoolean()) {
            pair.setFree();
        }
        pair.loop.pass(Duration.ofMinutes(10));
        pair.setFree();
        pair.checkEnded();
        assertThat(pair.atServer.received).isEqualTo(firstOf(pair.atClient.sent, pair.atServer.received.size()));
        assertThat(pair.atClient.received).isEqualTo(firstOf(pair.atServer.sent, pair.atClient.received.size()));
        assertThat(outcome(pair.atClient).clean())
                .isEqualTo(outcome(pair.atClient).status().code() != 1006);
    }

    /** A seed by which each side sends more than the network holds: neither may wait for the other to read first. */
    @Example
    void twoSidesThatBothSendMoreThanTheNetworkHoldsDoNotWaitForEachOther() {
        eachMessageArrivesOnceAndInOrderWhateverTheNetworkAndTheEndsDo(-1426394);
    }

    /** A seed by which a network that is slow and narrow takes longer than a minute for what was sent. */
    @Example
    void aSlowNetworkGetsItsTime() {
        eachMessageArrivesOnceAndInOrderWhateverTheNetworkAndTheEndsDo(-474840);
    }

    /** A seed by which all that is under way is kept at the end that paused. */
    @Example
    void whatIsKeptComesAfterThePause() {
        eachMessageArrivesOnceAndInOrderWhateverTheNetworkAndTheEndsDo(-1783432);
    }

    private static List<String> firstOf(List<String> texts, int count) {
        return texts.subList(0, Math.min(count, texts.size()));
    }

    private static CloseOutcome outcome(End end) {
        CloseOutcome outcome = end.recorder.outcome();
        assertThat(outcome).isNotNull();
        return outcome;
    }

    private static final class Pair {
        final Random random;
        final VirtualLoop loop = new VirtualLoop();
        final MemoryLink link;
        final End atClient;
        final End atServer;

        Pair(Random random) {
            this.random = random;
            MemoryNetwork network = new MemoryNetwork(loop);
            if (random.nextBoolean()) {
                network.compression(
                        PermessageDeflate.builder().thresholdBytes(100).build());
            }
            atClient = new End(random);
            atServer = new End(random);
            link = network.connect(atClient.recorder, atServer.recorder);
            spoil(link.toClient());
            spoil(link.toServer());
            loop.run();
        }

        private void spoil(MemoryPipe pipe) {
            int most = 1 << random.nextInt(17);
            int slowest = random.nextInt(3) * 100;
            pipe.readSizes(() -> 1 + random.nextInt(most))
                    .delays(() -> Duration.ofMillis(random.nextInt(slowest + 1)))
                    .capacity(100 + random.nextInt(100_000));
        }

        void doSomething() {
            End end = random.nextBoolean() ? atClient : atServer;
            switch (random.nextInt(8)) {
                case 0, 1 -> end.send();
                case 2 -> loop.elsewhere(end::send);
                case 3 -> end.sendPart();
                case 4 -> end.socket().pause();
                case 5 -> end.socket().resume();
                case 6 -> loop.run();
                default -> loop.pass(Duration.ofMillis(random.nextInt(300)));
            }
            loop.run();
        }

        void setFree() {
            for (End end : List.of(atClient, atServer)) {
                end.endParts();
                end.resumesAlways = true;
                end.socket().resume();
            }
            loop.run(); // what is kept at a paused end is nowhere to be seen
            // A network that holds 100 bytes and takes 200 ms for them needs minutes.
            for (int minutes = 0; minutes < 30 && !isQuiet(); minutes++) {
                loop.pass(Duration.ofMinutes(1));
            }
        }

        private boolean isQuiet() {
            return link.toClient().buffered() == 0
                    && link.toServer().buffered() == 0
                    && atClient.socket().bufferedAmount() == 0
                    && atServer.socket().bufferedAmount() == 0;
        }

        void checkEnded() {
            loop.pass(Duration.ofSeconds(20));
            for (End end : List.of(atClient, atServer)) {
                assertThat(end.recorder.lines()).noneMatch(line -> line.contains("BROKEN"));
                assertThat(end.socket().readyState()).isEqualTo(ReadyState.CLOSED);
                assertThat(end.recorder.lines().get(end.recorder.lines().size() - 1))
                        .startsWith("close");
            }
            loop.shared().workspace().close();
            assertThat(loop.lentBuffers()).isZero();
            assertThat(loop.shared().timers().size()).isZero();
        }
    }

    /** One side: sends numbered messages, notes what it gets, and pauses as it likes. */
    private static final class End implements WebSocketHandler {
        final Random random;
        final RecordingHandler recorder = new RecordingHandler(this);
        final List<String> sent = new ArrayList<>();
        final List<String> received = new ArrayList<>();
        final List<String> behindParts = new ArrayList<>();
        boolean resumesAlways;
        private WebSocket socket;
        private StringBuilder parts;
        private int count;

        End(Random random) {
            this.random = random;
        }

        WebSocket socket() {
            return socket;
        }

        void send() {
            String text = count++ + " " + "x".repeat(random.nextInt(random.nextInt(20) == 0 ? 50_000 : 300));
            if (isOpen()) {
                socket.send(text);
                (parts == null ? sent : behindParts).add(text);
            }
        }

        void sendPart() {
            if (isOpen()) {
                if (parts == null) {
                    parts = new StringBuilder();
                }
                parts.append(count);
                socket.sendBinaryPart(ByteBuffer.wrap(Integer.toString(count++).getBytes(UTF_8)), false);
                if (random.nextInt(3) == 0) {
                    endParts();
                }
            }
        }

        void endParts() {
            if (parts != null && isOpen()) {
                socket.sendBinaryPart(ByteBuffer.allocate(0), true);
                sent.add("parts " + parts);
                sent.addAll(behindParts);
                behindParts.clear();
                parts = null;
            }
        }

        private boolean isOpen() {
            return socket.readyState() == ReadyState.OPEN;
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
        }

        @Override
        public void onText(WebSocket from, String text) {
            took(text);
        }

        @Override
        public void onBinary(WebSocket from, ByteBuffer payload) {
            took("parts " + UTF_8.decode(payload));
        }

        private void took(String text) {
            received.add(text);
            if (!resumesAlways && random.nextInt(4) == 0) {
                socket.pause();
                if (random.nextBoolean()) {
                    socket.resume();
                }
            }
        }
    }
}
