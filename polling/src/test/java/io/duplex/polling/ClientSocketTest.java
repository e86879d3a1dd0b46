package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.FakeClientHost.Attempt;
import io.duplex.polling.FakeClientHost.ServerEnd;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A session that a WebSocket carries, or may come to carry. */
class ClientSocketTest {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final String[] NOTHING = {};

    private final MemoryClient client = new MemoryClient();

    private ServerEnd carried(MemoryClient of) {
        of.open(Via.WEBSOCKET, Via.LONG);
        ServerEnd end = of.host().attempt().open();
        end.send(MemoryClient.block(0, 1, NOTHING));
        return end;
    }

    @Test
    void itTakesOverWithItsFirstBlock() {
        client.open(Via.WEBSOCKET, Via.LONG);
        Attempt attempt = client.host().attempt();
        assertThat(attempt.call().uri()).hasToString("ws://server.test/chat/carrier?after=0&turn=1048577");
        assertThat(attempt.call().subprotocols()).containsExactly(Polling.CARRIER_PROTOCOL, "abc");
        ServerEnd end = attempt.open();
        assertThat(client.http().isOpen("GET via=long")).isTrue();
        end.send(MemoryClient.block(0, 1, "a"));
        assertThat(client.lines()).containsExactly("open", "text a");
        client.answer("GET via=long", MemoryClient.block(0, 1, NOTHING));
        client.socket().send("b");
        client.loop().run();
        assertThat(end.take()).hasSize(1).first().satisfies(block -> {
            assertThat(block.ack()).isEqualTo(1);
            assertThat(block.first()).isEqualTo(1);
            assertThat(block.count()).isEqualTo(1);
        });
        client.pass(MemoryClient.HOLD);
        assertThat(client.http().open()).isEmpty();
    }

    @Test
    void blocksAreJudgedByNoLimitOfMessages() {
        client.host()
                .limits(Limits.builder()
                        .maxMessageBytes(1000)
                        .maxFragments(1)
                        .maxQueueBytes(1)
                        .maxQueueMessages(1)
                        .sendPolicy(SendPolicy.dropNewest())
                        .rates(RateLimits.builder().messages(1).build())
                        .build());
        client.open(Via.WEBSOCKET, Via.LONG);
        Limits limits = client.host().attempt().limits();
        assertThat(limits.maxMessageBytes()).isEqualTo(limits.maxFrameBytes()).isGreaterThan(256 << 10);
        assertThat(limits.maxFragments()).isEqualTo(Limits.DEFAULT.maxFragments());
        assertThat(limits.maxQueueBytes()).isEqualTo(Limits.DEFAULT.maxQueueBytes());
        assertThat(limits.maxQueueMessages()).isEqualTo(Limits.DEFAULT.maxQueueMessages());
        assertThat(limits.sendPolicy()).isEqualTo(Limits.DEFAULT.sendPolicy());
        assertThat(limits.rates()).isEqualTo(RateLimits.NONE);
    }

    @Test
    void manyMessagesMayComeInOneBlockWhateverIsTheLongest() {
        client.host().limits(Limits.builder().maxMessageBytes(1000).build());
        ServerEnd end = carried(client);
        String[] texts = new String[70];
        Arrays.fill(texts, "x".repeat(1000));
        end.send(MemoryClient.block(0, 1, texts));
        assertThat(client.lines()).hasSize(71);
        end.send(MemoryClient.block(0, 71, "x".repeat(1001)));
        assertThat(client.lines()).contains("error FRAME_TOO_BIG");
    }

    @Test
    void aBlockThatIsTooLongFailsTheSession() {
        client.host().limits(Limits.builder().maxMessageBytes(1000).build());
        ServerEnd end = carried(client);
        end.send(MemoryClient.block(0, 1, "x".repeat(300_000)));
        assertThat(client.lines()).contains("error MESSAGE_TOO_BIG");
        assertThat(Kind.of(client.posted().packets().get(0))).isEqualTo(Kind.CLOSE);
    }

    @Test
    void whatKeepsItFromBeingTriedIsNoHarm() {
        client.host().breakBy(new IllegalStateException("cookies cannot be read"));
        client.open(Via.WEBSOCKET, Via.SSE, Via.LONG);
        client.http().open("GET via=sse");
        client.answer("GET via=long", MemoryClient.block(0, 1, "a"));
        assertThat(client.lines()).containsExactly("open", "text a");
        client.pass(Duration.ofSeconds(6));
        client.http().open("GET via=long&after=1");
        assertThat(client.lines()).hasSize(2);
    }

    @Test
    void aConnectionWithoutABlockIsGivenUp() {
        client.open(Via.WEBSOCKET);
        ServerEnd end = client.host().attempt().open();
        client.pass(Duration.ofSeconds(6));
        assertThat(end.outcome()).isNotNull();
        assertThat(client.host().attempts()).hasSize(2);
    }

    @Test
    @Covers("FB-2")
    void whatWasUnderWayWhenItBreaksGoesAgain() {
        ServerEnd end = carried(client);
        client.socket().send("a");
        client.socket().send("b");
        client.loop().run();
        end.send(MemoryClient.block(1, 1, "x"));
        end.cut();
        assertThat(client.posted().first()).isEqualTo(2);
        assertThat(client.posted().count()).isEqualTo(1);
        assertThat(client.posted().ack()).isEqualTo(1);
        client.pass(SOON);
        client.http().open("GET via=long&after=1");
    }

    @Test
    void aPostThatWasCutBeforeItTookOverIsForgotten() {
        client.open(Via.WEBSOCKET, Via.LONG);
        client.socket().send("a");
        client.loop().run();
        client.cut("POST");
        ServerEnd end = client.host().attempt().open();
        end.send(MemoryClient.block(0, 1, NOTHING));
        end.send(MemoryClient.block(1, 1, NOTHING));
        client.pass(MemoryClient.EXPIRY.minusSeconds(1));
        client.socket().send("b");
        client.loop().run();
        end.cut();
        client.pass(Duration.ofSeconds(5));
        assertThat(client.lines()).containsExactly("open");
        assertThat(client.posted().first()).isEqualTo(2);
    }

    @Test
    void aPostThatIsCutAfterItTookOverIsNone() {
        client.open(Via.WEBSOCKET, Via.LONG);
        client.socket().send("a");
        client.loop().run();
        ServerEnd end = client.host().attempt().open();
        end.send(MemoryClient.block(1, 1, NOTHING));
        client.cut("POST");
        client.pass(MemoryClient.EXPIRY.minusSeconds(1));
        client.socket().send("b");
        client.loop().run();
        end.cut();
        client.pass(Duration.ofSeconds(5));
        assertThat(client.lines()).containsExactly("open");
    }

    @Test
    void aPollThatHadToGiveWayToWhatDoesNotWorkIsAskedAgainAtOnce() {
        client.open(Via.WEBSOCKET, Via.LONG);
        client.host().attempt().fail();
        client.answer("GET via=long&after=0&turn=1", 409);
        assertThat(client.http().isOpen("GET via=long&after=0&turn=1048578")).isTrue();
    }

    @Test
    void pollsGoOnAsLongAsItIsTried() {
        client.open(Via.WEBSOCKET, Via.LONG);
        client.answer("GET via=long&after=0&turn=1", MemoryClient.block(0, 1, "a"));
        client.answer("GET via=long&after=1&turn=2", MemoryClient.block(0, 2, "b"));
        assertThat(client.http().isOpen("GET via=long&after=2&turn=3")).isTrue();
        client.answer("GET", 409);
        assertThat(client.http().isOpen("GET")).isFalse();
        ServerEnd end = client.host().attempt().open();
        end.send(MemoryClient.block(0, 3, "c"));
        assertThat(client.lines()).containsExactly("open", "text a", "text b", "text c");
    }

    @Test
    void aServerThatAlwaysClosesItIsNotAskedWithoutEnd() {
        client.open(Via.WEBSOCKET, Via.LONG);
        for (int i = 0; i < 600; i++) {
            if (client.host().attempts().stream().anyMatch(FakeClientHost.Attempt::isOpen)) {
                ServerEnd end = client.host().attempt().open();
                end.send(MemoryClient.block(0, 1, NOTHING));
                end.close(1000);
            }
            client.pass(Duration.ofMillis(100));
        }
        assertThat(client.host().attempts()).hasSizeBetween(5, 40);
    }

    /** Sends until it should wait, and takes nothing as long as it waits. */
    private static final class Eager implements WebSocketHandler {
        private boolean done;

        @Override
        public void onOpen(WebSocket socket) {
            socket.pause();
            while (socket.send(ByteBuffer.allocate(10_000)) == SendStatus.SENT) {}
        }

        @Override
        public void onDrain(WebSocket socket) {
            done = true;
            socket.resume();
        }
    }

    @Test
    void aHandlerThatTakesNothingUntilItsMessagesHaveGoneDoesNotWaitForEver() {
        Eager handler = new Eager();
        MemoryClient eager = new MemoryClient(handler);
        eager.open(Via.WEBSOCKET, Via.LONG);
        ServerEnd end = eager.host().attempt().open();
        end.send(MemoryClient.block(0, 1, "a"));
        assertThat(eager.lines()).containsExactly("open");
        long received = 0;
        for (int i = 0; i < 1000 && !handler.done; i++) {
            for (Block block : end.take()) {
                received = block.first() + block.count() - 1;
            }
            end.send(MemoryClient.block(received, 2, NOTHING));
        }
        assertThat(handler.done).isTrue();
        assertThat(eager.lines()).contains("text a");
    }

    @Test
    void aServerMaySendAHandlerThatTakesNothingSoMuchAndNoMore() {
        MemoryClient paused = new MemoryClient(new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.pause();
            }
        });
        ServerEnd end = carried(paused);
        Packet packet = new Packet(Kind.BINARY, ByteBuffer.allocate(100_000));
        long number = 1;
        while (end.outcome() == null && number < 100) {
            end.send(MemoryClient.block(0, number++, packet));
        }
        assertThat(number).isBetween(10L, 13L);
        assertThat(paused.lines()).containsExactly("open");
    }

    @Test
    void aTextMessageIsNoBlock() {
        ServerEnd end = carried(client);
        end.sendText("hello");
        assertThat(end.outcome()).isNotNull();
        assertThat(end.outcome().status().code()).isEqualTo(1003);
        client.pass(SOON);
        assertThat(client.http().isOpen("GET via=long")).isTrue();
    }
}
