package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class BlockingThreadsTest {
    private final BlockingThreads threads = new BlockingThreads("test-blocking");

    @Test
    void eachTaskThatWaitsHasAThreadWhichDoesNotKeepTheJvmAlive() {
        CompletableFuture<Boolean> first = new CompletableFuture<>();
        CompletableFuture<Boolean> second = new CompletableFuture<>();
        CountDownLatch both = new CountDownLatch(2);
        for (CompletableFuture<Boolean> result : List.of(first, second)) {
            threads.execute(() -> {
                both.countDown();
                try {
                    both.await();
                    result.complete(Thread.currentThread().isDaemon());
                } catch (InterruptedException e) {
                    result.completeExceptionally(e);
                }
            });
        }
        assertThat(first.join()).isTrue();
        assertThat(second.join()).isTrue();
        threads.close();
    }

    @Test
    void closingInterruptsWhatRunsAndTakesNothingMore() {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        CountDownLatch running = new CountDownLatch(1);
        threads.execute(() -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        assertThat(running).satisfies(CountDownLatch::await);
        threads.close();
        assertThat(interrupted.join()).isTrue();
        assertThatThrownBy(() -> threads.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void whatWasClosedBeforeItHadAThreadTakesNothing() {
        threads.close();
        assertThatThrownBy(() -> threads.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
