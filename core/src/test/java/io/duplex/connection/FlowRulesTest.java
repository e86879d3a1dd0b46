package io.duplex.connection;

import io.duplex.FlowWebSocket;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.ThreadLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;

/** The rules of Reactive Streams, by the suite that its authors publish. */
@Timeout(60)
class FlowRulesTest {
    private static final int PATIENCE_MILLIS = 8000;
    private static final int SILENCE_MILLIS = 50;

    private static TestEnvironment environment() {
        return new TestEnvironment(PATIENCE_MILLIS, SILENCE_MILLIS);
    }

    @TestFactory
    Stream<DynamicTest> ofPublishersHoldForMessagesThatCome() {
        return ReactiveStreamsRules.of(Messages::new);
    }

    @TestFactory
    Stream<DynamicTest> ofSubscribersHoldForWhatSends() {
        return ReactiveStreamsRules.of(Sender::new);
    }

    /** A server's end of connections in memory, whose other end does as it is told. */
    private static final class Network implements AutoCloseable {
        private final ThreadLoop loop = new ThreadLoop();
        private final MemoryNetwork network = new MemoryNetwork(loop);

        FlowWebSocket open(long messages, boolean clean) {
            CompletableFuture<FlowWebSocket> opened = new CompletableFuture<>();
            loop.execute(() -> {
                MemoryLink link = network.connect(new WebSocketHandler() {}, new FlowHandler(opened::complete));
                for (long i = 0; i < messages; i++) {
                    link.client().send("message " + i);
                }
                if (clean) {
                    link.client().close();
                } else {
                    link.client().abort();
                }
            });
            return opened.join();
        }

        FlowWebSocket open() {
            CompletableFuture<FlowWebSocket> opened = new CompletableFuture<>();
            loop.execute(() -> network.connect(new WebSocketHandler() {}, new FlowHandler(opened::complete)));
            return opened.join();
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    public static final class Messages extends FlowPublisherVerification<Message>
            implements ReactiveStreamsRules.Suite {
        private final Network network = new Network();

        public Messages() {
            super(environment());
        }

        @Override
        public Flow.Publisher<Message> createFlowPublisher(long elements) {
            return network.open(elements, true).messages();
        }

        @Override
        public Flow.Publisher<Message> createFailedFlowPublisher() {
            FlowWebSocket socket = network.open(0, false);
            while (socket.socket().readyState() != ReadyState.CLOSED) {
                Thread.onSpinWait();
            }
            return socket.messages();
        }

        @Override
        public long maxElementsFromPublisher() {
            return 10_000;
        }

        @Override
        public void close() {
            network.close();
        }
    }

    public static final class Sender extends FlowSubscriberBlackboxVerification<Message>
            implements ReactiveStreamsRules.Suite {
        private final Network network = new Network();

        public Sender() {
            super(environment());
        }

        @Override
        public Flow.Subscriber<Message> createFlowSubscriber() {
            return network.open().sender();
        }

        @Override
        public Message createElement(int element) {
            return new Message.Text("message " + element);
        }

        @Override
        public void close() {
            network.close();
        }
    }
}
