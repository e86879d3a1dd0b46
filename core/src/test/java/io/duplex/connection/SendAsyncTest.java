package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.ConnectionClosedException;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Futures of messages: each is completed, and no sooner than is true. */
class SendAsyncTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private TestConnection connection = TestConnection.open(NOTHING);

    @AfterEach
    void promisesWereKept() {
        assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
    }

    private WebSocket socket() {
        return connection.socket();
    }

    private void on(boolean loop, Runnable action) {
        if (loop) {
            action.run();
        } else {
            connection.loop().elsewhere(action);
        }
    }

    private void congest() {
        connection.peer().stopReading();
        while (socket().send(ByteBuffer.allocate(10_000)) == SendStatus.SENT) {
            connection.run();
        }
    }

    private static Throwable failure(CompletableFuture<Void> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
        } catch (CompletionException e) {
            return e.getCause();
        }
        throw new AssertionError("did not fail");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFutureCompletesWhenTheNetworkHasTheMessage(boolean loop) {
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        on(loop, () -> {
            futures.add(socket().sendAsync("Hällo"));
            futures.add(socket().sendAsync(Hex.parse("01")));
            futures.add(socket().sendTextAsync(Hex.parse("61")));
            assertThat(futures).noneMatch(CompletableFuture::isDone);
        });
        connection.run();
        assertThat(futures).allMatch(CompletableFuture::isDone).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(connection.peer().received()).containsExactly("text Hällo", "binary 01", "text a");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itWaitsForAPeerThatDoesNotRead(boolean loop) {
        congest();
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        on(loop, () -> futures.add(socket().sendAsync("behind")));
        connection.run();
        assertThat(futures.get(0)).isNotDone();
        connection.peer().resumeReading();
        assertThat(futures.get(0)).isCompleted();
    }

    @Test
    void itFailsIfTheConnectionEndsFirst() {
        congest();
        CompletableFuture<Void> future = socket().sendAsync("behind");
        connection.run();
        connection.peer().reset();
        assertThat(failure(future))
                .isInstanceOfSatisfying(
                        ConnectionClosedException.class,
                        closed -> assertThat(closed.outcome())
                                .isEqualTo(connection.handler().outcome()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onASocketThatClosesItFailsAtItsEnd(boolean loop) {
        socket().close();
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        on(loop, () -> futures.add(socket().sendAsync("late")));
        connection.run();
        assertThat(futures.get(0)).isNotDone();
        connection.peer().close();
        connection.peer().end();
        assertThat(failure(futures.get(0))).isInstanceOf(ConnectionClosedException.class);
        on(loop, () -> futures.add(socket().sendAsync("later")));
        assertThat(failure(futures.get(1))).isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void itFailsIfTheMessageIsDropped() {
        for (SendPolicy policy : List.of(SendPolicy.dropNewest(), SendPolicy.dropOldest())) {
            connection = TestConnection.builder(NOTHING)
                    .limits(Limits.builder()
                            .maxQueueBytes(100_000)
                            .sendPolicy(policy)
                            .build())
                    .open();
            congest();
            List<CompletableFuture<Void>> futures = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                futures.add(socket().sendAsync("x".repeat(10_000)));
            }
            connection.run();
            connection.peer().resumeReading();
            List<CompletableFuture<Void>> failed = futures.stream()
                    .filter(CompletableFuture::isCompletedExceptionally)
                    .toList();
            assertThat(futures).allMatch(CompletableFuture::isDone);
            assertThat(failed.size())
                    .isEqualTo((int) socket().droppedMessages())
                    .isPositive();
            assertThat(failure(failed.get(0)))
                    .isExactlyInstanceOf(WebSocketException.class)
                    .hasMessageContaining("queue is full");
        }
    }

    @Test
    void textThatIsNoUtf8IsTheCallersFault() {
        assertThatIllegalArgumentException().isThrownBy(() -> socket().sendTextAsync(Hex.parse("ff")));
        assertThatIllegalArgumentException().isThrownBy(() -> socket().sendLatestText("a", Hex.parse("ff")));
    }

    @Test
    void whatDependsOnItMaySend() {
        List<String> order = new ArrayList<>();
        CompletableFuture<Void> chain = socket().sendAsync("first")
                .thenCompose(done -> {
                    order.add("first");
                    return socket().sendAsync("second");
                })
                .thenRun(() -> order.add("second"));
        connection.run();
        assertThat(chain).isCompleted();
        assertThat(order).containsExactly("first", "second");
        assertThat(connection.peer().received()).containsExactly("text first", "text second");
    }

    @Test
    void whatDependsOnADroppedMessageMaySend() {
        connection = TestConnection.builder(NOTHING)
                .limits(Limits.builder()
                        .maxQueueBytes(100_000)
                        .sendPolicy(SendPolicy.dropOldest())
                        .build())
                .open();
        socket().subscribe("news");
        congest();
        CompletableFuture<Void> lost = socket().sendAsync("x".repeat(10_000));
        CompletableFuture<SendStatus> instead = lost.handle((done, fault) -> socket().send("lost"));
        for (int i = 0; i < 9; i++) {
            socket().broadcast("news", "y".repeat(10_001 + i));
        }
        connection.run();
        connection.peer().resumeReading();
        assertThat(failure(lost)).isExactlyInstanceOf(WebSocketException.class);
        assertThat(instead).isCompleted();
        assertThat(connection.peer().received())
                .filteredOn(line -> !line.startsWith("binary"))
                .doesNotHaveDuplicates()
                .contains("text lost")
                .last()
                .matches(line -> line.equals("text of 10009 bytes") || line.equals("text lost"));
    }

    @Test
    void cancellingHasNoEffectOnTheMessage() {
        congest();
        CompletableFuture<Void> future = socket().sendAsync("all the same");
        assertThat(future.cancel(true)).isTrue();
        connection.peer().resumeReading();
        assertThat(connection.peer().received()).contains("text all the same");
        assertThatThrownBy(future::join).isInstanceOf(java.util.concurrent.CancellationException.class);
    }
}
