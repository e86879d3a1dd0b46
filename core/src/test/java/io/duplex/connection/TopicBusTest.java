package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryBus;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicMessage;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Topics that span nodes. */
class TopicBusTest {
    private final MemoryBus bus = new MemoryBus();
    private final Node one = new Node();
    private final Node two = new Node();

    /** A server, of two event loops, as far as topics are concerned. */
    private final class Node {
        final MemoryBus.Node onBus = bus.node();
        final Topics topics = new Topics(onBus, Map.of("latest", SendPolicy.latestOnly()));
        final VirtualLoop loop = new VirtualLoop();
        final VirtualLoop otherLoop = new VirtualLoop();
        final MemoryNetwork network = new MemoryNetwork(loop, topics);
        final MemoryNetwork otherNetwork = new MemoryNetwork(otherLoop, topics);

        Node() {
            topics.start();
        }

        Subscriber subscriber(boolean onFirstLoop, String... joined) {
            RecordingHandler client = new RecordingHandler();
            MemoryLink link = (onFirstLoop ? network : otherNetwork).connect(client, new WebSocketHandler() {});
            run();
            for (String topic : joined) {
                link.server().subscribe(topic);
            }
            run();
            return new Subscriber(client, link, this);
        }

        void run() {
            loop.run();
            otherLoop.run();
        }
    }

    private record Subscriber(RecordingHandler client, MemoryLink link, Node node) {
        List<String> received() {
            node.run();
            List<String> lines = new ArrayList<>(client.take());
            lines.remove("open");
            return lines;
        }
    }

    @Test
    void whatIsPublishedOnOneNodeComesToTheSubscribersOfAllOnce() {
        Subscriber here = one.subscriber(true, "news");
        Subscriber hereToo = one.subscriber(false, "news");
        Subscriber there = two.subscriber(true, "news");
        Subscriber thereToo = two.subscriber(false, "news");
        assertThat(one.topics.publish("news", "text")).isEqualTo(SendStatus.SENT);
        one.topics.publish("news", Hex.parse("0102"));
        here.link().server().publish("news", "by a socket");
        assertThat(here.received()).containsExactly("text text", "binary 0102");
        for (Subscriber each : List.of(hereToo, there, thereToo)) {
            assertThat(each.received()).containsExactly("text text", "binary 0102", "text by a socket");
        }
    }

    @Test
    void aBusThatIsCutOffLosesMessagesForOthersOnly() {
        Subscriber here = one.subscriber(true, "news");
        Subscriber there = two.subscriber(true, "news");
        bus.cut();
        assertThat(one.topics.publish("news", "lost")).isEqualTo(SendStatus.REFUSED);
        bus.mend();
        assertThat(one.topics.publish("news", "found")).isEqualTo(SendStatus.SENT);
        assertThat(here.received()).containsExactly("text lost", "text found");
        assertThat(there.received()).containsExactly("text found");
    }

    @Test
    void whatTheBusThrowsAtSubscriptionsHarmsNobody() {
        Topics topics = new Topics(new BrokenBus(), Map.of());
        VirtualLoop loop = new VirtualLoop();
        MemoryNetwork network = new MemoryNetwork(loop, topics);
        RecordingHandler client = new RecordingHandler();
        RecordingHandler server = new RecordingHandler();
        MemoryLink link = network.connect(client, server);
        loop.run();
        loop.elsewhere(() -> {
            link.server().subscribe("news");
            link.server().subscribePattern("orders.*");
            topics.publish("news", "all the same");
        });
        loop.run();
        assertThat(client.take()).containsExactly("open", "text all the same");
        link.server().abort();
        loop.run();
        assertThat(server.lines()).last().asString().startsWith("close 1006");
        assertThat(network.faults()).hasSize(4).allMatch(fault -> "broken".equals(fault.getMessage()));
    }

    private static final class BrokenBus implements TopicBus {
        private static void fail() {
            throw new IllegalStateException("broken");
        }

        @Override
        public void start(Inlet inlet) {}

        @Override
        public SendStatus publish(TopicMessage message) {
            return SendStatus.SENT;
        }

        @Override
        public void subscribed(String topic) {
            fail();
        }

        @Override
        public void unsubscribed(String topic) {
            fail();
        }

        @Override
        public void subscribedPattern(String pattern) {
            fail();
        }

        @Override
        public void unsubscribedPattern(String pattern) {
            fail();
        }

        @Override
        public void close() {}
    }

    @Test
    void aNodeThatIsBehindTellsTheBus() {
        two.subscriber(true, "news");
        List<SendStatus> statuses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            statuses.add(one.topics.publish("news", ByteBuffer.allocate(1 << 19)));
            one.run();
        }
        assertThat(statuses).startsWith(SendStatus.SENT).endsWith(SendStatus.QUEUED);
    }

    @Test
    void theBusIsToldOfTheFirstAndTheLastSubscriberOfTheNode() {
        Subscriber a = one.subscriber(true, "news", "other");
        Subscriber b = one.subscriber(false, "news");
        a.link().server().subscribePattern("orders.*");
        b.link().server().subscribePattern("orders.*");
        assertThat(one.onBus.interest()).containsExactly("news", "other", "pattern orders.*");
        a.link().server().unsubscribe("news");
        a.link().server().unsubscribePattern("orders.*");
        assertThat(one.onBus.interest()).containsExactly("news", "other", "pattern orders.*");
        b.link().server().abort();
        one.run();
        assertThat(one.onBus.interest()).containsExactly("other");
        a.link().server().abort();
        one.run();
        assertThat(one.onBus.interest()).isEmpty();
        assertThat(two.onBus.interest()).isEmpty();
    }

    @Test
    void aNodeThatHasLeftTheBusGetsNothingMore() {
        Subscriber there = two.subscriber(true, "news");
        two.topics.close();
        one.topics.publish("news", "gone");
        assertThat(there.received()).isEmpty();
    }

    @Test
    void aMessagesPayloadIsReadOnlyAndEachReaderHasAViewOfItsOwn() {
        TopicMessage message = new TopicMessage("news", false, Hex.parse("0102"), "node");
        assertThat(message.payload().get()).isEqualTo((byte) 1);
        assertThat(message.payload().remaining()).isEqualTo(2);
        assertThatThrownBy(() -> message.payload().put((byte) 0)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void aBusMayChangeSubscriptionsFromWithinItsCalls() {
        List<String> calls = new ArrayList<>();
        AtomicReference<Interest> itself = new AtomicReference<>();
        Interest interest = new Interest(
                name -> {
                    calls.add("first " + name);
                    if (calls.size() == 1) {
                        itself.get().joined("other");
                        itself.get().left(name);
                    }
                },
                name -> calls.add("last " + name));
        itself.set(interest);
        interest.joined("news");
        assertThat(calls).containsExactly("first news", "first other", "last news");
        interest.joined("news");
        interest.joined("news");
        interest.left("news");
        assertThat(calls).hasSize(4).endsWith("first news");
    }

    @Test
    void whatABusThrowsOfOneCallKeepsItFromNoOther() {
        List<String> calls = new ArrayList<>();
        Interest interest = new Interest(
                name -> {
                    calls.add("first");
                    throw new AssertionError("not today");
                },
                name -> calls.add("last"));
        assertThatThrownBy(() -> interest.joined("news")).isInstanceOf(AssertionError.class);
        interest.left("news");
        assertThat(calls).containsExactly("first", "last");
    }
}
