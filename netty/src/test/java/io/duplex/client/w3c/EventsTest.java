package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.duplex.testkit.Covers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Listeners and handlers (DOM Standard §2, HTML Standard §8.1.8), and the events themselves. */
class EventsTest {
    private final List<String> calls = new ArrayList<>();
    private final List<Throwable> uncaught = new ArrayList<>();
    private final Target target = new Target(uncaught);

    private EventListener<Event> noting(String call) {
        return event -> calls.add(call);
    }

    private void dispatch() {
        target.dispatchEvent(new Event("a"));
    }

    @Nested
    class ListenersOfATarget {
        @Test
        void areCalledInOrderForTheirTypeAlone() {
            target.addEventListener("a", noting("1"));
            target.addEventListener("b", noting("other"));
            target.addEventListener("a", noting("2"));
            dispatch();
            assertThat(calls).containsExactly("1", "2");
        }

        @Test
        void countOnceForTypeAndCapture() {
            EventListener<Event> listener = noting("1");
            target.addEventListener("a", listener);
            target.addEventListener("a", listener, ListenerOption.ONCE);
            target.addEventListener("a", listener, ListenerOption.CAPTURE);
            dispatch();
            dispatch();
            assertThat(calls).containsExactly("1", "1", "1", "1");
            target.removeEventListener("a", listener);
            dispatch();
            assertThat(calls).hasSize(5);
            target.removeEventListener("a", listener, ListenerOption.CAPTURE);
            target.removeEventListener("a", listener);
            dispatch();
            assertThat(calls).hasSize(5);
        }

        @Test
        void withCaptureAreCalledBeforeThoseWithout() {
            target.addEventListener("a", noting("2"));
            target.addEventListener("a", noting("1"), ListenerOption.CAPTURE);
            dispatch();
            assertThat(calls).containsExactly("1", "2");
        }

        @Test
        void withOnceAreGoneBeforeTheirCall() {
            target.addEventListener(
                    "a",
                    event -> {
                        calls.add("1");
                        target.dispatchEvent(new Event("a"));
                    },
                    ListenerOption.ONCE);
            dispatch();
            assertThat(calls).containsExactly("1");
        }

        @Test
        void thatAreAddedWhileThoseWithCaptureAreCalledAreCalledAfterThem() {
            target.addEventListener(
                    "a",
                    event -> {
                        target.addEventListener("a", noting("2"));
                        target.addEventListener("a", noting("late"), ListenerOption.CAPTURE);
                    },
                    ListenerOption.CAPTURE,
                    ListenerOption.ONCE);
            target.addEventListener("a", noting("1"));
            dispatch();
            assertThat(calls).containsExactly("1", "2");
        }

        @Test
        void thatAreAddedWhileOneIsCalledWaitForTheNextEvent() {
            target.addEventListener("a", event -> target.addEventListener("a", noting("late")), ListenerOption.ONCE);
            dispatch();
            assertThat(calls).isEmpty();
            dispatch();
            assertThat(calls).containsExactly("late");
        }

        @Test
        void thatAreRemovedWhileOneIsCalledAreNotCalledAnyMore() {
            EventListener<Event> second = noting("2");
            target.addEventListener("a", event -> target.removeEventListener("a", second));
            target.addEventListener("a", second);
            dispatch();
            assertThat(calls).isEmpty();
        }

        @Test
        void thatThrowAreReportedAndTheNextAreCalled() {
            target.addEventListener("a", event -> {
                throw new java.io.IOException("mine");
            });
            target.addEventListener("a", event -> {
                throw new AssertionError("this too");
            });
            target.addEventListener("a", noting("3"));
            dispatch();
            assertThat(uncaught).extracting(Throwable::getMessage).containsExactly("mine", "this too");
            assertThat(calls).containsExactly("3");
        }

        @Test
        void nullIsNobody() {
            target.addEventListener("a", null);
            target.removeEventListener("a", null);
            dispatch();
            assertThat(calls).isEmpty();
        }
    }

    @Nested
    class Handlers {
        @Test
        @Covers("WAPI-ON-1")
        void standWhereTheFirstOfThemWasSet() {
            target.addEventListener("a", noting("1"));
            target.on("a", noting("replaced"));
            target.addEventListener("a", noting("3"));
            target.on("a", noting("2"));
            dispatch();
            assertThat(calls).containsExactly("1", "2", "3");
        }

        @Test
        @Covers("WAPI-ON-1")
        void standLastWhenTheyAreSetAfterNone() {
            target.on("a", noting("first"));
            target.addEventListener("a", noting("1"));
            target.on("a", null);
            target.on("a", null);
            target.on("a", noting("2"));
            dispatch();
            assertThat(calls).containsExactly("1", "2");
        }

        @Test
        void areNoListeners() {
            EventListener<Event> listener = noting("1");
            target.on("a", listener);
            target.addEventListener("a", listener);
            target.removeEventListener("a", listener);
            target.removeEventListener("a", listener);
            dispatch();
            assertThat(calls).containsExactly("1");
        }
    }

    @Nested
    class Events {
        @Test
        void knowTheirTargetWhileAndAfterTheyAreDispatched() {
            Event event = new Event("a");
            assertThat(event.target()).isNull();
            target.addEventListener("a", seen -> {
                assertThat(seen.target()).isSameAs(target);
                assertThat(seen.currentTarget()).isSameAs(target);
                assertThat(seen.eventPhase()).isEqualTo(Event.AT_TARGET);
                calls.add("1");
            });
            assertThat(target.dispatchEvent(event)).isTrue();
            assertThat(calls).hasSize(1);
            assertThat(event.target()).isSameAs(target);
            assertThat(event.currentTarget()).isNull();
            assertThat(event.eventPhase()).isEqualTo(Event.NONE);
            assertThat(event.isTrusted()).isFalse();
            assertThat(event.bubbles()).isFalse();
            assertThat(event.timeStamp()).isGreaterThanOrEqualTo(0);
        }

        @Test
        void mayBeDispatchedAgainButNotWithinItself() {
            List<DomException> thrown = new ArrayList<>();
            target.addEventListener(
                    "a",
                    event -> thrown.add(catchThrowableOfType(DomException.class, () -> target.dispatchEvent(event))));
            Event event = new Event("a");
            target.dispatchEvent(event);
            target.dispatchEvent(event);
            assertThat(thrown).extracting(DomException::name).containsExactly("InvalidStateError", "InvalidStateError");
            assertThat(thrown.get(0).code()).isEqualTo(11);
        }

        @Test
        void canBePreventedIfTheyAreCancelable() {
            target.addEventListener("a", Event::preventDefault);
            Event cancelable = new Event("a", true);
            assertThat(target.dispatchEvent(cancelable)).isFalse();
            assertThat(cancelable.defaultPrevented()).isTrue();
            assertThat(target.dispatchEvent(new Event("a"))).isTrue();
        }

        @Test
        void cannotBePreventedByPassiveListeners() {
            target.addEventListener("a", Event::preventDefault, ListenerOption.PASSIVE);
            assertThat(target.dispatchEvent(new Event("a", true))).isTrue();
        }

        @Test
        void canBeKeptFromFurtherListeners() {
            target.addEventListener("a", noting("2"));
            target.addEventListener("a", Event::stopImmediatePropagation);
            target.addEventListener("a", noting("4"));
            target.addEventListener("a", noting("1"), ListenerOption.CAPTURE);
            dispatch();
            assertThat(calls).containsExactly("1", "2");
        }

        @Test
        void canBeKeptFromListenersWithoutCapture() {
            target.addEventListener("a", Event::stopPropagation, ListenerOption.CAPTURE);
            target.addEventListener("a", noting("1"), ListenerOption.CAPTURE);
            target.addEventListener("a", noting("2"));
            dispatch();
            assertThat(calls).containsExactly("1");
        }

        @Test
        @Covers("WAPI-EV-13")
        void ofClosingHaveTheValuesTheyWereMadeWith() {
            CloseEvent bare = new CloseEvent("close");
            assertThat(bare.type()).isEqualTo("close");
            assertThat(bare.wasClean()).isFalse();
            assertThat(bare.code()).isZero();
            assertThat(bare.reason()).isEmpty();
            CloseEvent full = new CloseEvent("foo", true, 0xFFFF, "why");
            assertThat(full.type()).isEqualTo("foo");
            assertThat(full.wasClean()).isTrue();
            assertThat(full.code()).isEqualTo(0xFFFF);
            assertThat(full.reason()).isEqualTo("why");
            assertThatIllegalArgumentException().isThrownBy(() -> new CloseEvent("close", true, 0x10000, ""));
        }

        @Test
        @Covers("WAPI-EV-4")
        void ofMessagesHaveWhatWebSocketsHaveNot() {
            MessageEvent event = new MessageEvent("message", "data", "ws://h");
            assertThat(event.data()).isEqualTo("data");
            assertThat(event.origin()).isEqualTo("ws://h");
            assertThat(event.lastEventId()).isEmpty();
            assertThat(event.source()).isNull();
            assertThat(event.ports()).isEmpty();
        }
    }

    /** A target without a socket. */
    private static final class Target implements EventTarget {
        private final Listeners listeners;

        Target(List<Throwable> uncaught) {
            listeners = new Listeners(this, uncaught::add);
        }

        void on(String type, EventListener<Event> handler) {
            listeners.handler(type, handler);
        }

        @Override
        public void addEventListener(String type, EventListener<? super Event> listener, ListenerOption... options) {
            if (listener != null) {
                listeners.add(type, listener, options);
            }
        }

        @Override
        public void removeEventListener(String type, EventListener<? super Event> listener, ListenerOption... options) {
            if (listener != null) {
                listeners.remove(type, listener, options);
            }
        }

        @Override
        public boolean dispatchEvent(Event event) {
            listeners.dispatch(event, false);
            return !event.defaultPrevented();
        }
    }
}
