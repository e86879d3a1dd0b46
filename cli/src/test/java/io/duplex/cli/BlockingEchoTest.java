package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.TestConnection;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code /block} may hold. */
class BlockingEchoTest {
    private static final String MEBIBYTE = "x".repeat(1 << 20);
    private static final int MOST = 16;
    private static final String REFUSAL = "close 1013 too many block";

    private final Queue<Runnable> blocked = new ArrayDeque<>();

    @AfterEach
    void unblock() {
        blocked.forEach(Runnable::run);
    }

    private static TestConnection send(Executor threads) {
        TestConnection connection = TestConnection.open(new BlockingEcho(threads, 0));
        connection.peer().send(MEBIBYTE);
        connection.run();
        return connection;
    }

    private void fill() {
        for (int i = 0; i < MOST; i++) {
            assertThat(send(blocked::add).peer().received()).isEmpty();
        }
        assertThat(blocked).hasSize(MOST);
    }

    @Test
    void sixteenMebibytesBlockAtATimeAndTheNextAreRefused() {
        fill();
        assertThat(send(blocked::add).peer().received()).contains(REFUSAL);
        assertThat(blocked).hasSize(MOST);
        blocked.remove().run();
        assertThat(send(blocked::add).peer().received()).isEmpty();
        assertThat(blocked).hasSize(MOST);
    }

    @Test
    void whatIsRefusedForWantOfAThreadIsNotHeld() {
        for (int i = 0; i < 2 * MOST; i++) {
            TestConnection connection = send(task -> {
                throw new RejectedExecutionException();
            });
            assertThat(connection.peer().received()).contains(REFUSAL);
        }
        fill();
    }
}
