package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
    private final ManualLoop loop = new ManualLoop();
    private final List<String> ran = new ArrayList<>();
    private final AtomicLong patience = new AtomicLong();
    private final List<RejectedExecutionException> refusals = new ArrayList<>();
    private final TaskQueue queue = new TaskQueue(loop, name -> name.equals("now") ? 0 : patience.get(), refusals::add);

    @BeforeEach
    void start() {
        queue.start();
    }

    private void post(String name) {
        queue.post(name, () -> ran.add(name));
    }

    @Test
    void noTaskRunsBeforeTheStart() throws Exception {
        TaskQueue unstarted = new TaskQueue(loop, name -> 0, refusals::add);
        unstarted.post("1", () -> ran.add("1"));
        unstarted.wake();
        assertThat(loop.isIdle()).isTrue();
        assertThat(unstarted.isIdle()).isFalse();
        unstarted.start();
        loop.turn();
        assertThat(ran).containsExactly("1");
        assertThat(unstarted.isIdle()).isTrue();
    }

    @Test
    void aTaskThatThrowsDoesNotHoldUpTheNext() throws Exception {
        IllegalStateException fault = new IllegalStateException("on purpose");
        for (int i = 0; i < 2; i++) {
            queue.post("throwing", () -> {
                throw fault;
            });
            post("next");
            assertThatThrownBy(loop::turn).isSameAs(fault);
            loop.turn();
            assertThat(queue.isIdle()).isTrue();
        }
        queue.post("throwing", () -> {
            throw fault;
        });
        assertThatThrownBy(loop::turn).isSameAs(fault);
        assertThat(queue.isIdle()).isTrue();
        post("later");
        loop.turn();
        assertThat(ran).containsExactly("next", "next", "later");
    }

    @Test
    void tasksRunInTheirOrder() throws Exception {
        assertThat(queue.isIdle()).isTrue();
        post("1");
        post("2");
        assertThat(queue.isIdle()).isFalse();
        assertThat(ran).isEmpty();
        loop.turn();
        assertThat(ran).containsExactly("1", "2");
        assertThat(queue.isIdle()).isTrue();
        post("3");
        loop.turn();
        assertThat(ran).hasSize(3);
    }

    @Test
    void aTaskThatIsPostedByATaskRunsAfterIt() throws Exception {
        queue.post("1", () -> {
            post("2");
            ran.add("1");
            assertThat(queue.isIdle()).isFalse();
        });
        loop.turn();
        assertThat(ran).containsExactly("1", "2");
    }

    @Test
    void othersHaveTheirTurnBetweenMany() throws Exception {
        for (int i = 0; i < 40; i++) {
            post("x");
        }
        loop.turn();
        assertThat(ran).hasSize(16);
        loop.turn();
        loop.turn();
        assertThat(ran).hasSize(40);
        assertThat(loop.isIdle()).isTrue();
    }

    @Test
    void aTaskThatIsToWaitHoldsUpThoseBehindIt() throws Exception {
        patience.set(TimeUnit.HOURS.toNanos(1));
        post("late");
        post("now");
        loop.turn();
        assertThat(ran).isEmpty();
        assertThat(loop.isIdle()).isTrue();
        patience.set(0);
        queue.wake();
        queue.wake();
        loop.turn();
        assertThat(ran).containsExactly("late", "now");
        assertThat(loop.isIdle()).isTrue();
    }

    @Test
    void aTaskWaitsNoLongerThanItSaid() throws Exception {
        patience.set(TimeUnit.MILLISECONDS.toNanos(1));
        post("late");
        loop.turn();
        assertThat(ran).isEmpty();
        loop.await();
        patience.set(0);
        loop.turn();
        assertThat(ran).containsExactly("late");
    }

    @Test
    void aRefusalIsTold() {
        TaskQueue refused = new TaskQueue(
                task -> {
                    throw new RejectedExecutionException("no");
                },
                name -> 0,
                refusals::add);
        refused.start();
        refused.post("1", () -> ran.add("1"));
        refused.post("2", () -> ran.add("2"));
        assertThat(refusals).hasSize(1);
        assertThat(ran).isEmpty();
    }

    @Test
    void tasksOfManyThreadsNeverOverlap() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            TaskQueue shared = new TaskQueue(threads, name -> 0, refusals::add);
            shared.start();
            AtomicInteger running = new AtomicInteger();
            AtomicInteger overlaps = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(4 * 5000);
            for (int i = 0; i < 4; i++) {
                threads.execute(() -> {
                    for (int j = 0; j < 5000; j++) {
                        shared.post("x", () -> {
                            overlaps.addAndGet(running.getAndIncrement());
                            running.decrementAndGet();
                            done.countDown();
                        });
                    }
                });
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(overlaps).hasValue(0);
        } finally {
            threads.shutdownNow();
        }
    }
}
