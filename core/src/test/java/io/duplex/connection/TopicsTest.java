package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.VirtualLoop;
import io.duplex.topic.TopicBus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Publishing to topics: who gets what, and in which order. */
class TopicsTest extends TopicMembers {
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

    // With the sender, as bytes

    @Test
    void aBroadcastComesToThePublisherTooIfItHasJoined() {
        Member a = memberOf("news");
        Member b = memberOf("news");
        Member outsider = memberOf();
        a.socket().broadcast("news", "text");
        a.socket().broadcast("news", Hex.parse("01"));
        a.socket().broadcastText("news", Hex.parse("61"));
        outsider.socket().broadcast("news", "from outside");
        loop.elsewhere(() -> a.socket().broadcast("news", "elsewhere"));
        String[] all = {"text text", "binary 01", "text a", "text from outside", "text elsewhere"};
        assertThat(a.received()).containsExactly(all);
        assertThat(b.received()).containsExactly(all);
        assertThat(outsider.received()).isEmpty();
    }

    @Test
    void textIsPublishedAsBytesToo() {
        Member a = memberOf("news");
        Member b = memberOf("news");
        ByteBuffer utf8 = Hex.parse("C3A4");
        a.socket().publishText("news", utf8);
        assertThat(utf8.hasRemaining()).isFalse();
        assertThat(a.received()).isEmpty();
        assertThat(b.received()).containsExactly("text \u00e4");
        assertThatIllegalArgumentException().isThrownBy(() -> a.socket().publishText("news", Hex.parse("C3")));
        assertThatIllegalArgumentException().isThrownBy(() -> a.socket().broadcastText("news", Hex.parse("C3")));
    }

    @Test
    void theServerPublishesOnBehalfOfNobody() {
        Member a = memberOf("news");
        assertThat(topics.publish("news", "text")).isEqualTo(SendStatus.SENT);
        assertThat(topics.publish("news", Hex.parse("01"))).isEqualTo(SendStatus.SENT);
        assertThat(topics.publishText("news", Hex.parse("61"))).isEqualTo(SendStatus.SENT);
        assertThatIllegalArgumentException().isThrownBy(() -> topics.publishText("news", Hex.parse("C3")));
        assertThat(a.received()).containsExactly("text text", "binary 01", "text a");
    }

    // Patterns

    @Test
    void aPatternJoinsAllTopicsThatMatch() {
        Member a = memberOf();
        a.socket().subscribePattern("orders.*");
        a.socket().subscribePattern("orders.>");
        a.socket().subscribe("orders.eu");
        Member publisher = memberOf();
        publisher.socket().publish("orders.eu", "1");
        publisher.socket().publish("orders.eu", "2");
        publisher.socket().publish("orders.eu.new", "3");
        publisher.socket().publish("orders", "4");
        assertThat(a.received()).containsExactly("text 1", "text 2", "text 3");
        a.socket().unsubscribePattern("orders.>");
        a.socket().unsubscribePattern("never joined");
        publisher.socket().publish("orders.eu.new", "5");
        publisher.socket().publish("orders.us", "6");
        assertThat(a.received()).containsExactly("text 6");
        assertThatIllegalArgumentException().isThrownBy(() -> a.socket().subscribePattern("a*"));
    }

    @Test
    void oneWhoNeverJoinedAPatternCanLeaveIt() {
        Member a = memberOf("orders.eu");
        loop.elsewhere(() -> a.socket().unsubscribePattern("orders.*"));
        memberOf().socket().publish("orders.eu", "1");
        assertThat(a.received()).containsExactly("text 1");
    }

    @Test
    void aMessageComesOnceHoweverManyThereAreInATurn() {
        Member a = memberOf();
        a.socket().subscribePattern("a.*");
        a.socket().subscribePattern("*.b");
        Member publisher = memberOf();
        for (int i = 0; i < 1_000; i++) {
            publisher.socket().publish("a.b", "message " + i);
        }
        assertThat(a.received()).hasSize(1_000).doesNotHaveDuplicates();
    }

    // Order over threads

    @Test
    void whatAnotherThreadPublishedBeforeComesBefore() {
        Member a = memberOf("news");
        Member publisher = memberOf();
        loop.elsewhere(() -> publisher.socket().publish("news", "1 elsewhere"));
        publisher.socket().publish("news", "2 loop");
        loop.elsewhere(() -> publisher.socket().publish("news", "3 elsewhere"));
        assertThat(a.received()).containsExactly("text 1 elsewhere", "text 2 loop", "text 3 elsewhere");
    }

    @Test
    void aLoopThatDoesNotComeIsABacklogAndInTheEndLosesMessages() {
        Member a = memberOf("news");
        loop.elsewhere(() -> {
            byte[] payload = new byte[1 << 19];
            List<SendStatus> statuses = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                statuses.add(topics.publish("news", ByteBuffer.wrap(payload)));
            }
            assertThat(statuses)
                    .startsWith(SendStatus.SENT)
                    .contains(SendStatus.QUEUED)
                    .endsWith(SendStatus.REFUSED);
            assertThat(statuses.stream().filter(SendStatus.REFUSED::equals)).hasSize(8);
        });
        network.limits(Limits.DEFAULT);
        loop.run();
        assertThat(topics.publish("news", "again")).isEqualTo(SendStatus.SENT);
        a.socket().abort();
    }

    // Peers that do not read

    private Topics topicsWith(String topic, SendPolicy policy) {
        return new Topics(TopicBus.NONE, Map.of(topic, policy));
    }

    private Member congested(Topics its, String... joined) {
        Member member = member(
                new MemoryNetwork(loop, its)
                        .limits(Limits.builder().maxQueueBytes(200_000).build()),
                loop,
                NOTHING);
        for (String topic : joined) {
            member.socket().subscribe(topic);
        }
        member.link().toClient().hold();
        while (member.socket().send(ByteBuffer.allocate(10_000)) == SendStatus.SENT) {
            loop.run();
        }
        return member;
    }

    private List<String> afterwards(Member member) {
        member.link().toClient().release();
        List<String> lines = member.received();
        lines.removeIf(line -> line.equals("binary of 10000 bytes"));
        return lines;
    }

    @Test
    void aTopicThatKeepsTheLatestSendsThatAloneToWhoIsSlow() {
        Topics its = topicsWith("prices.*", SendPolicy.latestOnly());
        Member slow = congested(its, "prices.eu", "prices.us", "news");
        for (int i = 0; i < 10_000; i++) {
            its.publish("prices.eu", "eu " + i);
            its.publish("prices.us", "us " + i);
            if (i % 5_000 == 0) {
                its.publish("news", "news " + i);
            }
            loop.run();
        }
        assertThat(slow.socket().droppedMessages()).isEqualTo(2 * 9_999);
        assertThat(afterwards(slow)).containsExactly("text eu 9999", "text us 9999", "text news 0", "text news 5000");
    }

    @Test
    void aTopicThatDropsLeavesTheOthersAlone() {
        Topics its = topicsWith("log", SendPolicy.dropOldest().upTo(150_000));
        Member slow = congested(its, "log", "orders");
        for (int i = 0; i < 1_000; i++) {
            its.publish("log", "log " + i + "x".repeat(100));
            if (i % 500 == 0) {
                its.publish("orders", "order " + i);
            }
            loop.run();
        }
        List<String> arrived = afterwards(slow);
        assertThat(arrived)
                .contains("text order 0", "text order 500")
                .last()
                .asString()
                .startsWith("text log 999");
        assertThat(arrived.size() + slow.socket().droppedMessages()).isEqualTo(1_002);
        assertThat(slow.socket().droppedMessages()).isPositive();
    }

    @Test
    void aTopicThatDropsTheNewestDoesSoBelowItsBoundToo() {
        Topics its = topicsWith("log", SendPolicy.dropNewest().upTo(1_000));
        Member slow = congested(its, "log");
        its.publish("log", "lost");
        assertThat(afterwards(slow)).isEmpty();
        assertThat(slow.socket().droppedMessages()).isEqualTo(1);
    }

    @Test
    void aBoundBelowWhatTheTransportTakesIsKeptWithoutCongestion() {
        Topics its = topicsWith("log", SendPolicy.dropNewest().upTo(1_000));
        Member slow = member(new MemoryNetwork(loop, its), loop, NOTHING);
        slow.socket().subscribe("log");
        slow.link().toClient().capacity(1).hold();
        slow.socket().send("x".repeat(2_000));
        loop.run();
        its.publish("log", "lost");
        assertThat(afterwards(slow)).hasSize(1);
        assertThat(slow.socket().droppedMessages()).isEqualTo(1);
    }

    @Test
    void aTopicCanCloseWhoIsSlowWithItsCode() {
        Topics its = topicsWith("orders", SendPolicy.close(1008).upTo(100_000));
        Member slow = congested(its, "orders");
        for (int i = 0; i < 1_000; i++) {
            its.publish("orders", "order " + i + "x".repeat(100));
            loop.run();
        }
        assertThat(afterwards(slow)).containsExactly("close 1008 send queue is full, clean, by PEER");
    }

    @Test
    void oneSlowSocketKeepsNoOtherFromItsMessages() {
        Member slow = memberOf("news");
        Member good = memberOf("news");
        slow.link().toClient().hold();
        Member publisher = memberOf();
        List<String> arrived = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            publisher.socket().publish("news", i + "x".repeat(100));
            arrived.addAll(good.received());
        }
        assertThat(arrived).hasSize(2_000);
        slow.link().toClient().release();
        assertThat(slow.received()).hasSize(2_000);
    }

    // Compression

    private Member compressed(PermessageDeflate options) {
        MemoryNetwork on = new MemoryNetwork(loop, topics).compression(options);
        return member(on, loop, NOTHING);
    }

    @Test
    void aMessageIsCompressedOnceForAllWhoseWindowIsTheSame() {
        PermessageDeflate alone = PermessageDeflate.builder().thresholdBytes(0).build();
        PermessageDeflate context = PermessageDeflate.builder()
                .thresholdBytes(0)
                .serverNoContextTakeover(false)
                .build();
        PermessageDeflate small = PermessageDeflate.builder()
                .thresholdBytes(0)
                .serverMaxWindowBits(9)
                .build();
        List<Member> all = new ArrayList<>();
        for (PermessageDeflate options : List.of(alone, context, small, PermessageDeflate.DISABLED, alone, context)) {
            Member member = compressed(options);
            member.socket().subscribe("news");
            all.add(member);
        }
        String text = "{\"price\": 12.5, \"size\": 100} ".repeat(100);
        for (int round = 0; round < 3; round++) {
            for (Member member : all) {
                member.socket().send("own " + round + text);
            }
            topics.publish("news", "shared " + round + text);
            topics.publish("news", ByteBuffer.wrap(new byte[300]));
            for (Member member : all) {
                assertThat(member.received())
                        .containsExactly(
                                "text of " + (5 + text.length()) + " bytes",
                                "text of " + (8 + text.length()) + " bytes",
                                "binary of 300 bytes");
            }
        }
        assertThat(all.get(3).link().toClient().written()).isGreaterThan(15_000);
        assertThat(all.get(0).link().toClient().written()).isLessThan(3_000);
    }

    @Test
    void whatDoesNotShrinkGoesPlain() {
        Member a = compressed(PermessageDeflate.builder().thresholdBytes(0).build());
        a.socket().subscribe("news");
        topics.publish("news", Hex.parse("00ff17"));
        long before = a.link().toClient().written();
        assertThat(a.received()).containsExactly("binary 00ff17");
        assertThat(a.link().toClient().written() - before).isEqualTo(5);
    }

    @Test
    void aBigMessageIsCopiedToTheHostsMemoryOnceForAll() {
        List<Member> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(memberOf("news"));
        }
        int before = loop.lentBuffers();
        topics.publish("news", ByteBuffer.allocate(100_000));
        for (Member member : all) {
            assertThat(member.received()).containsExactly("binary of 100000 bytes");
        }
        assertThat(loop.lentBuffers()).isEqualTo(before + 1);
        loop.pass(Duration.ofSeconds(1));
        assertThat(loop.lentBuffers()).isEqualTo(before);
    }
}
