package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostResolverTest {
    private static final int MAX_THREADS = 16;

    private final CountDownLatch slowServers = new CountDownLatch(1);
    private final Semaphore asked = new Semaphore(0);
    private final Queue<String> names = new ConcurrentLinkedQueue<>();
    private final HostResolver resolver = new HostResolver(this::lookUp);

    private InetAddress[] lookUp(String host) {
        names.add(host);
        asked.release();
        if (host.startsWith("slow")) {
            try {
                slowServers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return new InetAddress[] {InetAddress.getLoopbackAddress()};
    }

    @AfterEach
    void close() {
        slowServers.countDown();
        resolver.close();
    }

    private void askSlowServers(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            assertThat(resolver.resolve("slow" + i, 80)).isNotDone();
        }
        assertThat(asked.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::1, 0:0:0:0:0:0:0:1",
        "::127.0.0.1, 0:0:0:0:0:0:7f00:1",
        "64:ff9b::192.0.2.1, 64:ff9b:0:0:0:0:c000:201",
    })
    void nobodyIsAskedForAnAddress(String literal, String address) {
        CompletableFuture<List<InetSocketAddress>> found = resolver.resolve(literal, 80);
        assertThat(found).isCompleted();
        assertThat(found.join().get(0).getAddress().getHostAddress()).isEqualTo(address);
        assertThat(names).isEmpty();
    }

    @Test
    void severalSlowNameServersDoNotHoldUpTheOthers() throws Exception {
        askSlowServers(MAX_THREADS - 1);
        assertThat(resolver.resolve("fast", 80).get(60, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void nobodyIsAskedForWhatWasCancelledInTheMeantime() throws Exception {
        askSlowServers(MAX_THREADS);
        resolver.resolve("given up", 80).cancel(false);
        CompletableFuture<List<InetSocketAddress>> later = resolver.resolve("later", 80);
        slowServers.countDown();
        assertThat(later.get(60, TimeUnit.SECONDS)).hasSize(1);
        assertThat(names).contains("later").doesNotContain("given up");
    }
}
