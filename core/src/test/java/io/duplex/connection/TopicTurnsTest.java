package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Publishing to topics: in how many turns of the loop, and in how many writes. */
class TopicTurnsTest extends TopicMembers {
    @Test
    void messagesOfATurnLeaveInOneWriteForEachSocket() {
        Member a = memberOf("news");
        Member b = memberOf("news");
        int before = a.link().toClient().writes();
        Member publisher = memberOf();
        for (int i = 0; i < 50; i++) {
            publisher.socket().publish("news", "message " + i);
        }
        assertThat(a.received()).hasSize(50).startsWith("text message 0").endsWith("text message 49");
        assertThat(b.received()).hasSize(50).startsWith("text message 0").endsWith("text message 49");
        assertThat(a.link().toClient().writes() - before).isEqualTo(1);
    }

    @Test
    void aBigMessageToManyLeavesInTurnsAndStaysInOrder() {
        List<Member> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(memberOf("news"));
        }
        Member publisher = memberOf();
        List<Long> served = new ArrayList<>();
        publisher.socket().publish("news", ByteBuffer.allocate(1 << 20));
        publisher.socket().publish("news", "behind");
        loop.execute(() -> loop.execute(() -> {
            served.add(many.stream()
                    .filter(member -> member.link().toClient().writes() > 0)
                    .count());
            publisher.socket().publish("news", "later");
            many.get(0).socket().send("own");
            many.get(11).socket().send("own");
        }));
        loop.run();
        assertThat(served)
                .singleElement()
                .satisfies(members -> assertThat(members).isBetween(1L, 11L));
        for (int i = 0; i < many.size(); i++) {
            List<String> received = many.get(i).received();
            assertThat(received.get(0)).isEqualTo("binary of 1048576 bytes");
            assertThat(received.subList(1, 3)).containsExactly("text behind", "text later");
            assertThat(received).hasSize(i == 0 || i == 11 ? 4 : 3);
        }
    }

    @Test
    void aTurnThatPublishesVeryMuchHasItSentBeforeItsEnd() {
        network.limits(Limits.builder().maxQueueBytes(64 << 20).build());
        Member a = memberOf("news");
        Member b = memberOf("news");
        Member publisher = memberOf();
        for (int i = 0; i < 15; i++) {
            publisher.socket().publish("news", ByteBuffer.allocate(1 << 20));
        }
        assertThat(b.socket().bufferedAmount()).isZero();
        publisher.socket().publish("news", ByteBuffer.allocate(1 << 20));
        assertThat(a.socket().bufferedAmount()).isPositive();
        assertThat(b.socket().bufferedAmount()).isPositive();
        publisher.socket().publish("news", "behind");
        assertThat(a.received()).hasSize(17).endsWith("text behind");
        assertThat(b.received()).hasSize(17).endsWith("text behind");
    }

    @Test
    void aTurnThatPublishesWithoutEndIsBoundByTheQueue() {
        network.limits(Limits.builder().maxQueueBytes(100_000).build());
        Member slow = memberOf("news");
        slow.link().toClient().hold();
        Member publisher = memberOf();
        for (int i = 0; i < 5_000; i++) {
            publisher.socket().publish("news", "a message of about fifty bytes, well, not quite");
        }
        loop.run();
        assertThat(slow.socket().readyState()).isEqualTo(ReadyState.CLOSING);
        assertThat(slow.socket().bufferedAmount()).isLessThan(110_000);
        slow.link().toClient().release();
        assertThat(slow.received()).endsWith("close 1013 send queue is full, clean, by PEER");
    }

    @Test
    void whoPublishesIsReadNoFasterThanTheMembersAreSentIt() {
        network.limits(Limits.builder().maxQueueBytes(64 << 20).build());
        List<Member> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(memberOf("news"));
        }
        List<String> taken = publishMebibytes();
        List<Integer> seen = new ArrayList<>();
        look(taken, seen);
        loop.run();
        assertThat(taken).hasSize(20).startsWith("message 0").endsWith("message 19");
        int before = 0;
        for (int now : seen) {
            assertThat(now - before).isLessThanOrEqualTo(2);
            before = now;
        }
        assertThat(many).allSatisfy(member -> assertThat(member.received()).hasSize(20));
    }

    /** A peer sends 20 messages, for each of which its handler publishes a mebibyte: the messages that the handler has had. */
    private List<String> publishMebibytes() {
        List<String> taken = new ArrayList<>();
        Member publisher = member(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                taken.add(text);
                socket.publish("news", ByteBuffer.allocate(1 << 20));
            }
        });
        for (int i = 0; i < 20; i++) {
            publisher.link().client().send("message " + i);
        }
        return taken;
    }

    /** Somebody else on the loop. */
    private void look(List<String> taken, List<Integer> seen) {
        seen.add(taken.size());
        if (taken.size() < 20) {
            loop.execute(() -> look(taken, seen));
        }
    }

    @Test
    void whoPublishesWaitsForOtherLoopsToo() {
        VirtualLoop distant = new VirtualLoop();
        MemoryNetwork there = new MemoryNetwork(distant, topics)
                .limits(Limits.builder().maxQueueBytes(64 << 20).build());
        Member far = member(there, distant, NOTHING);
        far.socket().subscribe("news");
        distant.run();
        List<String> taken = publishMebibytes();
        for (int i = 1; i <= 20; i++) {
            loop.run();
            assertThat(taken).hasSize(i);
            distant.run();
        }
        assertThat(far.received()).hasSize(20);
    }

    @Test
    void whoPublishesIsReadNowAndThenHoweverMuchOthersPublish() {
        List<String> taken = new ArrayList<>();
        memberOf("news");
        Member publisher = member(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                taken.add(text);
                socket.publish("news", text);
            }
        });
        publisher.link().client().send("first");
        loop.run();
        // Of somebody who never stops.
        Runnable[] flood = new Runnable[1];
        flood[0] = () -> {
            while (!loop.shared().isBehind()) {
                topics.publish("news", ByteBuffer.allocate(256 << 10));
            }
            if (taken.size() < 4) {
                loop.schedule(Duration.ofMillis(1), flood[0]);
            }
        };
        for (int i = 0; i < 3; i++) {
            publisher.link().client().send("message " + i);
        }
        flood[0].run();
        loop.pass(Duration.ofSeconds(5));
        assertThat(taken).containsExactly("first", "message 0", "message 1", "message 2");
    }

    @Test
    void whoPublishesFastLetsOthersHaveTheirTurns() {
        Member a = memberOf("news");
        Member publisher = memberOf();
        List<String> order = new ArrayList<>();
        loop.elsewhere(() -> {
            for (int i = 0; i < 10_000; i++) {
                publisher.socket().publish("news", "x");
            }
        });
        loop.execute(() ->
                loop.execute(() -> order.add("arrived: " + a.client().lines().size() / 10_000)));
        assertThat(a.received()).hasSize(10_000);
        assertThat(order).containsExactly("arrived: 0");
    }
}
