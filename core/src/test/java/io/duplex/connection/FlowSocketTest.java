package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.duplex.ConnectionClosedException;
import io.duplex.FlowWebSocket;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import io.duplex.testkit.TestHandshake;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes, published on demand; what is subscribed to, sent. */
class FlowSocketTest {
    private @Nullable FlowWebSocket opened;
    private final TestConnection connection = open(Limits.DEFAULT);

    private TestConnection open(Limits limits) {
        return TestConnection.builder(new FlowHandler(socket -> opened = socket))
                .limits(limits)
                .handshake(TestHandshake.of("/feed").subprotocol("v1"))
                .open();
    }

    private FlowWebSocket socket() {
        return Objects.requireNonNull(opened);
    }

    @Test
    void theSocketIsTheConnections() {
        assertThat(socket().handshake().path()).isEqualTo("/feed");
        assertThat(socket().subprotocol()).isEqualTo("v1");
        assertThat(socket().socket()).isSameAs(connection.socket());
        assertThat(socket().messages()).isSameAs(socket().messages());
    }

    @Test
    void anEchoIsOneLine() {
        socket().messages().subscribe(socket().sender());
        connection.peer().send("Hello");
        connection.peer().send(Hex.parse("0102"));
        connection.peer().close();
        assertThat(connection.peer().received()).startsWith("text Hello", "binary 0102", "close 1000");
    }

    @Test
    void aHandlerThatThrowsAtTheOpeningClosesWith1011() {
        TestConnection faulty = TestConnection.open(new FlowHandler(socket -> {
            throw new IllegalStateException("no");
        }));
        assertThat(faulty.peer().received()).contains("close 1011 internal error");
    }

    /** Writes down its signals, and does as it is told. */
    private static final class Lines implements Flow.Subscriber<Message> {
        final List<String> lines = new ArrayList<>();
        final Consumer<Flow.Subscription> atFirst;

        Flow.@Nullable Subscription subscription;

        @Nullable Throwable failure;

        Consumer<Message> each = message -> {};

        Lines(Consumer<Flow.Subscription> atFirst) {
            this.atFirst = atFirst;
        }

        Flow.Subscription subscription() {
            return Objects.requireNonNull(subscription);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            lines.add("subscribed");
            subscription = given;
            atFirst.accept(given);
        }

        @Override
        public void onNext(Message message) {
            lines.add(
                    message instanceof Message.Text text
                            ? text.data()
                            : Hex.format(((Message.Binary) message).payload()));
            each.accept(message);
        }

        @Override
        public void onError(Throwable error) {
            failure = error;
            lines.add("error " + error.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            lines.add("complete");
        }
    }

    @Nested
    class Publishing {
        private final Lines lines = new Lines(subscription -> {});

        @Test
        void messagesComeAsTheyAreRequested() {
            socket().messages().subscribe(lines);
            connection.peer().sendTogether("a", "b", "c", "d");
            assertThat(lines.lines).containsExactly("subscribed");
            lines.subscription().request(2);
            connection.run();
            assertThat(lines.lines).containsExactly("subscribed", "a", "b");
            lines.subscription().request(Long.MAX_VALUE);
            lines.subscription().request(Long.MAX_VALUE);
            connection.peer().send("e");
            assertThat(lines.lines).containsExactly("subscribed", "a", "b", "c", "d", "e");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void eachMessageMayBeRequestedByTheOneBefore(boolean loop) {
            lines.each = message -> lines.subscription().request(1);
            Runnable act = () -> {
                socket().messages().subscribe(lines);
                lines.subscription().request(1);
            };
            connection.peer().sendTogether("a", "b", "c");
            if (loop) {
                act.run();
            } else {
                connection.loop().elsewhere(act);
            }
            connection.run();
            assertThat(lines.lines).containsExactly("subscribed", "a", "b", "c");
        }

        @Test
        void whatIsRequestedAtTheSubscriptionComesAfterIt() {
            connection.peer().send("a");
            Lines greedy = new Lines(subscription -> {
                subscription.request(10);
                lines.lines.add("requested");
            });
            socket().messages().subscribe(greedy);
            assertThat(greedy.lines).containsExactly("subscribed", "a");
        }

        @Test
        void withoutDemandOneMessageIsHeldAndNoMoreIsRead() {
            for (int i = 0; i < 100; i++) {
                connection.peer().send("message " + i);
            }
            assertThat(connection.handler().lines()).containsExactly("open", "text message 0");
            assertThat(connection.peer().outgoing().buffered()).isPositive();
            socket().messages().subscribe(lines);
            lines.subscription().request(50);
            connection.run();
            assertThat(lines.lines).hasSize(51);
            assertThat(connection.handler().lines()).hasSize(52);
        }

        @Test
        void anIdleConnectionWithoutDemandAnswersPingsAndTellsOfItsEnd() {
            socket().messages().subscribe(lines);
            connection.peer().ping(Hex.parse("01"));
            assertThat(connection.peer().received()).containsExactly("pong 01");
            connection.peer().close();
            connection.peer().end();
            assertThat(lines.lines).containsExactly("subscribed", "complete");
        }

        @Test
        void theEndComesAfterTheMessagesBeforeIt() {
            connection.peer().send("a");
            connection.peer().close();
            connection.peer().end();
            connection.socket().abort();
            connection.run();
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSED);
            socket().messages().subscribe(lines);
            assertThat(lines.lines).containsExactly("subscribed");
            lines.subscription().request(1);
            assertThat(lines.lines).containsExactly("subscribed", "a", "error ConnectionClosedException");
            lines.subscription().request(0);
            lines.subscription().cancel();
            assertThat(lines.lines).hasSize(3);
        }

        @Test
        void anUncleanEndIsAnError() {
            socket().messages().subscribe(lines);
            connection.peer().reset();
            assertThat(lines.lines).containsExactly("subscribed", "error ConnectionClosedException");
            assertThat(((ConnectionClosedException) Objects.requireNonNull(lines.failure)).outcome())
                    .isEqualTo(connection.handler().outcome());
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void toCancelClosesTheConnection(boolean paused) {
            socket().messages().subscribe(lines);
            if (paused) {
                connection.peer().sendTogether("a", "b");
            }
            lines.subscription().cancel();
            lines.subscription().cancel();
            lines.subscription().request(1);
            connection.peer().send("late");
            assertThat(connection.peer().received()).containsExactly("close 1000");
            connection.peer().close();
            connection.peer().end();
            assertThat(lines.lines).containsExactly("subscribed");
            assertThat(connection.handler().outcome().clean()).isTrue();
        }

        @Test
        void nothingComesOnceASignalCancelled() {
            lines.each = message -> lines.subscription().cancel();
            socket().messages().subscribe(lines);
            lines.subscription().request(10);
            connection.peer().sendTogether("a", "b");
            assertThat(lines.lines).containsExactly("subscribed", "a");
        }

        @ParameterizedTest
        @ValueSource(longs = {0, -1, Long.MIN_VALUE})
        void aRequestMustBePositive(long messages) {
            socket().messages().subscribe(lines);
            lines.subscription().request(messages);
            connection.peer().send("late");
            assertThat(lines.lines).containsExactly("subscribed", "error IllegalArgumentException");
            assertThat(connection.peer().received()).contains("close 1011 internal error");
        }

        @Test
        void thereIsOneSubscriber() {
            socket().messages().subscribe(lines);
            Lines second = new Lines(subscription -> {
                subscription.request(1);
                subscription.cancel();
            });
            socket().messages().subscribe(second);
            assertThat(second.lines).containsExactly("subscribed", "error IllegalStateException");
            assertThatNullPointerException()
                    .isThrownBy(() -> socket().messages().subscribe(null));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aSubscriberThatThrowsClosesWith1011() {
            lines.each = message -> {
                throw new IllegalStateException("no");
            };
            socket().messages().subscribe(lines);
            lines.subscription().request(10);
            connection.peer().sendTogether("a", "b");
            assertThat(lines.lines).containsExactly("subscribed", "a");
            assertThat(connection.peer().received()).contains("close 1011 internal error");
            assertThat(connection.faults()).hasSize(1);
        }

        @Test
        void aSubscriberThatThrowsAtTheSubscriptionClosesWith1011() {
            socket().messages().subscribe(new Lines(subscription -> {
                throw new IllegalStateException("no");
            }));
            assertThat(connection.peer().received()).contains("close 1011 internal error");
        }
    }

    /** A publisher that does as it is told. */
    private static final class Source implements Flow.Subscription {
        final Flow.Subscriber<Message> subscriber;
        long requested;
        boolean cancelled;

        Source(Flow.Subscriber<Message> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long messages) {
            requested += messages;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void publish(int bytes) {
            requested--;
            subscriber.onNext(new Message.Binary(ByteBuffer.allocate(bytes)));
        }

        Source start() {
            subscriber.onSubscribe(this);
            return this;
        }
    }

    @Nested
    class Sending {
        private Source source() {
            return new Source(socket().sender()).start();
        }

        @Test
        void messagesAreRequestedOneByOne() {
            Source source = source();
            for (int i = 0; i < 10; i++) {
                assertThat(source.requested).isEqualTo(1);
                source.publish(1);
            }
            assertThat(connection.peer().received()).hasSize(10).containsOnly("binary 00");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void noneIsRequestedWhileThePeerDoesNotRead(boolean loop) {
            Source source = source();
            connection.peer().stopReading();
            while (source.requested > 0) {
                if (loop) {
                    source.publish(10_000);
                } else {
                    connection.loop().elsewhere(() -> source.publish(10_000));
                }
                connection.run();
            }
            assertThat(connection.socket().bufferedAmount()).isLessThan(200_000);
            connection.peer().resumeReading();
            assertThat(source.requested).isEqualTo(1);
        }

        @Test
        void aSourceThatPublishesFromWithinEachRequestTakesTurns() {
            Flow.Subscriber<Message> sender = socket().sender();
            int[] left = {10_000};
            sender.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long messages) {
                    if (left[0] > 0) {
                        left[0]--;
                        sender.onNext(new Message.Text(""));
                    }
                }

                @Override
                public void cancel() {}
            });
            assertThat(left[0]).isBetween(9_900, 9_999);
            assertThat(connection.peer().received()).hasSize(10_000);
        }

        @Test
        void aBacklogThatIsNotThisSendersConcernsItNot() {
            Source source = source();
            connection.peer().stopReading();
            while (connection.socket().send(ByteBuffer.allocate(10_000)) == SendStatus.SENT) {
                connection.run();
            }
            connection.peer().resumeReading();
            assertThat(source.requested).isEqualTo(1);
        }

        @Test
        void aMessageThatAPolicyWouldDropIsSentAfterTheDrain() {
            TestConnection dropping = open(Limits.builder()
                    .maxQueueBytes(50_000)
                    .sendPolicy(SendPolicy.dropNewest())
                    .build());
            dropping.peer().stopReading();
            while (dropping.socket().send(ByteBuffer.allocate(10_000)) != SendStatus.REFUSED) {
                dropping.run();
            }
            Source source = source();
            source.publish(10_001);
            source.subscriber.onComplete();
            assertThat(source.requested).isZero();
            assertThat(dropping.socket().droppedMessages()).isEqualTo(1);
            dropping.peer().resumeReading();
            assertThat(dropping.peer().received()).last().isEqualTo("binary of 10001 bytes");
        }

        @Test
        void aMessageThatWaitedForTheDrainIsFollowedByTheNext() {
            TestConnection dropping = open(Limits.builder()
                    .maxQueueBytes(50_000)
                    .sendPolicy(SendPolicy.dropNewest())
                    .build());
            dropping.peer().stopReading();
            while (dropping.socket().send(ByteBuffer.allocate(10_000)) != SendStatus.REFUSED) {
                dropping.run();
            }
            Source source = source();
            source.publish(1);
            assertThat(source.requested).isZero();
            dropping.peer().resumeReading();
            assertThat(source.requested).isEqualTo(1);
        }

        @Test
        void theEndOfTheSourceLeavesTheConnectionOpen() {
            Source source = source();
            source.publish(1);
            source.subscriber.onComplete();
            connection.peer().close();
            connection.peer().end();
            assertThat(connection.peer().received()).startsWith("binary 00", "close 1000");
            assertThat(source.cancelled).isFalse();
        }

        @Test
        void aFailureOfTheSourceClosesWith1011() {
            Source source = source();
            source.subscriber.onError(new IllegalStateException("no more"));
            assertThat(connection.peer().received()).containsExactly("close 1011");
        }

        @Test
        void theEndOfTheConnectionCancels() {
            Source source = source();
            connection.peer().close();
            connection.peer().end();
            assertThat(source.cancelled).isTrue();
            source.publish(1);
            assertThat(source.requested).isZero();
        }

        @Test
        void aConnectionThatClosesCancelsAtTheNextMessage() {
            Source source = source();
            connection.socket().close();
            source.publish(1);
            assertThat(source.cancelled).isTrue();
            Source late = source();
            assertThat(late.cancelled).isTrue();
            assertThat(late.requested).isZero();
        }

        @Test
        void aSenderHasOneSubscription() {
            Source first = source();
            Source second = new Source(first.subscriber).start();
            assertThat(second.cancelled).isTrue();
            assertThat(first.cancelled).isFalse();
        }

        @Test
        void severalSendersTakeTurns() {
            Source one = source();
            Source two = source();
            connection.peer().stopReading();
            while (one.requested > 0 || two.requested > 0) {
                for (Source each : List.of(one, two)) {
                    if (each.requested > 0) {
                        each.publish(10_000);
                    }
                }
                connection.run();
            }
            connection.peer().resumeReading();
            assertThat(one.requested).isEqualTo(1);
            assertThat(two.requested).isEqualTo(1);
        }

        @Test
        void nothingIsNull() {
            Flow.Subscriber<Message> sender = socket().sender();
            assertThatNullPointerException().isThrownBy(() -> sender.onSubscribe(null));
            assertThatNullPointerException().isThrownBy(() -> sender.onNext(null));
            assertThatNullPointerException().isThrownBy(() -> sender.onError(null));
            connection.pass(Duration.ofSeconds(1));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }
    }
}
