package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publishing to topics: who gets what, in which order, in how many writes. */
class TopicsTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private final Topics topics = new Topics();
    private final VirtualLoop loop = new VirtualLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop, topics);
    private final List<Member> members = new ArrayList<>();

    /** A server's connection that may join topics, and what its client gets. */
    private record Member(MemoryLink link, RecordingHandler client, VirtualLoop loop) {
        Connection socket() {
            return link.server();
        }

        List<String> received() {
            loop.run();
            List<String> lines = new ArrayList<>(client.take());
            lines.remove("open");
            return lines;
        }
    }

    private Member member(WebSocketHandler server) {
        return member(network, loop, server);
    }

    private Member member(MemoryNetwork on, VirtualLoop itsLoop, WebSocketHandler server) {
        RecordingHandler client = new RecordingHandler();
        Member member = new Member(on.connect(client, server), client, itsLoop);
        itsLoop.run();
        members.add(member);
        return member;
    }

    private Member memberOf(String... joined) {
        Member member = member(NOTHING);
        for (String topic : joined) {
            member.socket().subscribe(topic);
        }
        return member;
    }

    @AfterEach
    void nobodyIsLeftBehind() {
        members.forEach(member -> member.socket().abort());
        members.forEach(member -> member.loop().run());
        members.forEach(member -> {
            assertThat(member.client().lines()).noneMatch(line -> line.contains("BROKEN"));
            assertThat(member.loop().shared().topics().size()).isZero();
        });
    }

    @Test
    void allButThePublisherGetTheMessage() {
        Member a = memberOf("news");
        Member b = memberOf("news");
        Member c = memberOf("other");
        a.socket().publish("news", "Hello");
        a.socket().publish("news", Hex.parse("01"));
        assertThat(a.received()).isEmpty();
        assertThat(b.received()).containsExactly("text Hello", "binary 01");
        assertThat(c.received()).isEmpty();
    }

    @Test
    void nobodyNeedsToHaveJoinedToPublish() {
        Member a = memberOf("news");
        memberOf().socket().publish("news", "Hello");
        memberOf().socket().publish("empty", "Hello");
        assertThat(a.received()).containsExactly("text Hello");
    }

    @Test
    void whoJoinsTwiceGetsAMessageOnce() {
        Member a = memberOf("news", "news");
        memberOf().socket().publish("news", "Hello");
        assertThat(a.received()).containsExactly("text Hello");
        a.socket().unsubscribe("news");
        a.socket().unsubscribe("news");
        a.socket().unsubscribe("never joined");
        memberOf().socket().unsubscribe("never joined any");
        memberOf().socket().publish("news", "Hello again");
        assertThat(a.received()).isEmpty();
    }

    @Test
    void otherThreadsMayJoinAndLeaveAndPublish() {
        Member a = member(NOTHING);
        Member b = member(NOTHING);
        loop.elsewhere(() -> {
            a.socket().subscribe("news");
            b.socket().publish("news", "1");
            a.socket().unsubscribe("news");
            b.socket().publish("news", "2");
        });
        assertThat(a.received()).containsExactly("text 1");
    }

    @Test
    void aClosedSocketLeavesItsTopics() {
        Member a = memberOf("news", "other");
        a.socket().abort();
        loop.run();
        a.client().take();
        assertThat(loop.shared().topics().size()).isZero();
        memberOf().socket().publish("news", "Hello");
        assertThat(a.received()).isEmpty();
    }

    @Test
    void aSocketThatClosesGetsNothingMore() {
        Member a = memberOf("news");
        a.socket().close();
        memberOf().socket().publish("news", "Hello");
        assertThat(a.received()).containsExactly("close 1000, clean, by PEER");
    }

    @Test
    void handlersMayPublishInOnOpenAndOnClose() {
        Member a = memberOf("news");
        Member b = member(new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.subscribe("news");
                socket.publish("news", "joined");
            }

            @Override
            public void onClose(WebSocket socket, CloseOutcome outcome) {
                socket.publish("news", "left");
                socket.subscribe("too late");
            }
        });
        assertThat(a.received()).containsExactly("text joined");
        b.link().client().close();
        assertThat(a.received()).containsExactly("text left");
        assertThat(b.received()).containsExactly("close 1000, clean, by SELF");
    }

    @Test
    void handlersMayJoinAndLeaveWhileMessagesAreUnderWay() {
        Member a = memberOf("news");
        Member b = member(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                socket.subscribe("news");
                socket.publish("news", "echo " + text);
                socket.unsubscribe("news");
                socket.publish("news", "gone");
            }
        });
        b.link().client().send("1");
        assertThat(a.received()).containsExactly("text echo 1", "text gone");
    }

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
    void aTopicsMessageGoesBeforeWhatIsSentAfterIt() {
        Member a = memberOf("news");
        Member publisher = memberOf();
        publisher.socket().publish("news", "1 topic");
        a.socket().send("2 loop");
        publisher.socket().publish("news", "3 topic");
        loop.elsewhere(() -> a.socket().send("4 elsewhere"));
        publisher.socket().publish("news", "5 topic");
        loop.run();
        publisher.socket().publish("news", "6 topic");
        a.socket().close();
        assertThat(a.received())
                .containsExactly(
                        "text 1 topic",
                        "text 2 loop",
                        "text 3 topic",
                        "text 4 elsewhere",
                        "text 5 topic",
                        "text 6 topic",
                        "close 1000, clean, by PEER");
    }

    @Test
    void aTopicsMessageGoesBeforeACloseThatFollowsOnAnotherThread() {
        Member a = memberOf("news");
        memberOf().socket().publish("news", "before");
        loop.elsewhere(() -> a.socket().close());
        assertThat(a.received()).containsExactly("text before", "close 1000, clean, by PEER");
    }

    @Test
    void messagesWaitForTheEndOfAMessageOfParts() {
        Member a = memberOf("news");
        a.socket().sendBinaryPart(Hex.parse("01"), false);
        memberOf().socket().publish("news", "behind");
        loop.run();
        a.socket().sendBinaryPart(Hex.parse("02"), true);
        assertThat(a.received()).containsExactly("binary 0102", "text behind");
    }

    @Test
    void topicsSpanEventLoops() {
        VirtualLoop loop2 = new VirtualLoop();
        MemoryNetwork network2 = new MemoryNetwork(loop2, topics);
        Member a = memberOf("news");
        Member b = member(network2, loop2, NOTHING);
        b.socket().subscribe("news");
        loop2.elsewhere(() -> a.socket().publish("news", "to both"));
        assertThat(a.received()).isEmpty();
        assertThat(b.received()).containsExactly("text to both");
        loop.elsewhere(() -> b.socket().publish("news", "back"));
        assertThat(a.received()).containsExactly("text back");
        assertThat(b.received()).isEmpty();
    }
}
