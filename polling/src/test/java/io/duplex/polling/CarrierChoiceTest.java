package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.VirtualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CarrierChoiceTest {
    private static final Duration TICK = Duration.ofMillis(100);

    private final VirtualLoop loop = new VirtualLoop();
    private final List<FakeCarrier> made = new ArrayList<>();
    private final CarrierChoice choice = choice(Via.WEBSOCKET, Via.SSE, Via.LONG);

    private CarrierChoice choice(Via... vias) {
        return new CarrierChoice(loop.shared().timers(), List.of(vias), via -> {
            FakeCarrier carrier = new FakeCarrier(via);
            made.add(carrier);
            return carrier;
        });
    }

    private static final class FakeCarrier implements ClientCarrier {
        private final Via via;
        private boolean stopped;

        FakeCarrier(Via via) {
            this.via = via;
        }

        @Override
        public void start() {}

        @Override
        public void stop() {
            stopped = true;
        }

        @Override
        public void onReading(boolean reading) {}
    }

    private List<Via> made() {
        return made.stream().map(carrier -> carrier.via).toList();
    }

    private FakeCarrier last() {
        return made.get(made.size() - 1);
    }

    @Test
    void theSafeOneBeginsAndTheBestIsTriedBesideIt() {
        choice.start();
        assertThat(made()).containsExactly(Via.LONG, Via.WEBSOCKET);
        assertThat(choice.active()).isSameAs(made.get(0));
        choice.works(made.get(1));
        assertThat(choice.active()).isSameAs(made.get(1));
        assertThat(made.get(0).stopped).isTrue();
        loop.pass(Duration.ofHours(1));
        assertThat(made).hasSize(2);
    }

    @Test
    void whatDoesNotWorkInTimeIsFollowedByTheNextBest() {
        choice.start();
        loop.pass(Duration.ofSeconds(10).plus(TICK));
        assertThat(made.get(1).stopped).isTrue();
        assertThat(made()).containsExactly(Via.LONG, Via.WEBSOCKET, Via.SSE);
        choice.works(last());
        assertThat(choice.active()).isSameAs(last());
    }

    @Test
    void theSafeOneBeginsAgainWhereAnAttemptHasTakenItsTurn() {
        choice.start();
        choice.ended(made.get(0), null);
        assertThat(made).hasSize(2);
        choice.ended(made.get(1), Duration.ZERO);
        assertThat(made()).containsExactly(Via.LONG, Via.WEBSOCKET, Via.LONG, Via.SSE);
        choice.ended(last(), Duration.ZERO);
        assertThat(made).hasSize(4);
        assertThat(choice.active()).isSameAs(made.get(2));
    }

    @Test
    void betterOnesAreTriedAgainLaterAndLater() {
        choice.start();
        choice.ended(last(), Duration.ZERO);
        choice.ended(last(), Duration.ZERO);
        assertThat(made).hasSize(3);
        loop.pass(Duration.ofSeconds(4));
        assertThat(made).hasSize(3);
        loop.pass(Duration.ofSeconds(2));
        assertThat(made()).endsWith(Via.WEBSOCKET);
        choice.ended(last(), Duration.ZERO);
        choice.ended(last(), Duration.ZERO);
        assertThat(made).hasSize(5);
        loop.pass(Duration.ofSeconds(9));
        assertThat(made).hasSize(5);
        loop.pass(Duration.ofSeconds(2));
        assertThat(made).hasSize(6);
    }

    @Test
    void aBetterOneThanTheSecondBestIsTriedAgain() {
        choice.start();
        choice.ended(last(), Duration.ZERO);
        FakeCarrier stream = last();
        choice.works(stream);
        loop.pass(Duration.ofSeconds(6));
        assertThat(made()).endsWith(Via.SSE, Via.WEBSOCKET);
        choice.ended(last(), Duration.ZERO);
        assertThat(made()).endsWith(Via.SSE, Via.WEBSOCKET);
        assertThat(choice.active()).isSameAs(stream);
    }

    @Test
    void theBestIsTriedAgainWheneverItHasBroken() {
        choice.start();
        choice.ended(last(), Duration.ZERO);
        choice.works(last());
        choice.ended(last(), Duration.ZERO);
        loop.pass(Duration.ofSeconds(1));
        choice.works(last());
        assertThat(made()).endsWith(Via.LONG, Via.WEBSOCKET);
        loop.pass(Duration.ofMinutes(10));
        assertThat(made).hasSize(5);
        choice.ended(last(), Duration.ZERO);
        loop.pass(Duration.ofSeconds(1));
        assertThat(made()).endsWith(Via.LONG, Via.WEBSOCKET).hasSize(7);
    }

    @Test
    void whatBreaksBeginsAgainAfterPausesThatGrow() {
        CarrierChoice single = choice(Via.LONG);
        single.start();
        int pauses = 0;
        for (Duration passed = Duration.ZERO; passed.toSeconds() < 60; passed = passed.plus(TICK)) {
            if (single.active() != null) {
                single.ended(last(), Duration.ZERO);
                pauses++;
            }
            loop.pass(TICK);
        }
        assertThat(pauses).isBetween(8, 30);
    }

    @Test
    void aServerThatWantsTimeGetsIt() {
        CarrierChoice single = choice(Via.LONG);
        single.start();
        single.ended(last(), Duration.ofSeconds(20));
        loop.pass(Duration.ofSeconds(19));
        assertThat(made).hasSize(1);
        loop.pass(Duration.ofSeconds(2));
        assertThat(made).hasSize(2);
    }

    @Test
    void anAttemptHasLittleTimeOnceNothingElseReceives() {
        choice.start();
        loop.pass(Duration.ofSeconds(1));
        choice.ended(made.get(0), null);
        loop.pass(Duration.ofSeconds(3).plus(TICK));
        assertThat(made.get(1).stopped).isTrue();
        assertThat(made()).containsExactly(Via.LONG, Via.WEBSOCKET, Via.LONG, Via.SSE);
    }

    @Test
    void whatBreaksBesideAnAttemptBeginsAgainBesideIt() {
        choice.start();
        choice.ended(made.get(0), Duration.ZERO);
        loop.pass(Duration.ofSeconds(1));
        assertThat(made()).containsExactly(Via.LONG, Via.WEBSOCKET, Via.LONG);
        assertThat(choice.active()).isSameAs(last());
        assertThat(made.get(1).stopped).isFalse();
    }

    @Test
    void theBestIsTriedAfterEachBreakHoweverManyThereWere() {
        choice.start();
        choice.ended(last(), Duration.ZERO);
        choice.works(last());
        for (int i = 0; i < 5; i++) {
            choice.ended((FakeCarrier) choice.active(), Duration.ZERO);
            loop.pass(Duration.ofSeconds(1));
            assertThat(last().via).isEqualTo(Via.WEBSOCKET);
            choice.works(last());
            choice.progressed();
            loop.pass(Duration.ofMinutes(1));
            assertThat(choice.isTrying()).isFalse();
        }
    }

    @Test
    void nothingBeginsOnceItIsStopped() {
        choice.start();
        choice.stop();
        assertThat(made).allMatch(carrier -> carrier.stopped);
        choice.ended(made.get(0), null);
        choice.ended(made.get(1), Duration.ZERO);
        loop.pass(Duration.ofHours(1));
        assertThat(made).hasSize(2);
        assertThat(loop.shared().timers().size()).isZero();
    }
}
