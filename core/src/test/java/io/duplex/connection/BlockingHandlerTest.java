package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.BlockingWebSocket;
import io.duplex.BlockingWebSocketHandler;
import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.ThreadLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code of a blocking route: when it runs, and how the connection ends after it. */
@Timeout(60)
class BlockingHandlerTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private final ThreadLoop loop = new ThreadLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop);
    private final ExecutorService workers = Executors.newCachedThreadPool();

    private final CompletableFuture<String> clientEnd = new CompletableFuture<>();
    private final RecordingHandler client = new RecordingHandler(new WebSocketHandler() {
        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            clientEnd.complete(outcome.status().toString());
        }
    });
    private final CompletableFuture<MemoryLink> link = new CompletableFuture<>();

    @AfterEach
    void stop() {
        workers.shutdownNow();
        loop.close();
    }

    /** Runs all that is due on the loop. */
    private void settle() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> done.complete(null));
        done.join();
    }

    private void route(BlockingWebSocketHandler code) {
        loop.execute(() -> link.complete(network.connect(client, BlockingHandler.running(code, workers))));
    }

    @Test
    void codeThatReturnsClosesWith1000() {
        route(socket -> socket.send("Hello"));
        assertThat(clientEnd.join()).isEqualTo("1000");
        assertThat(client.lines()).containsExactly("open", "text Hello", "close 1000, clean, by PEER");
    }

    @Test
    void codeThatEchoesUntilThePeerClosesEndsWell() {
        route(socket -> {
            for (Message message : socket) {
                socket.send("echo " + text(message));
            }
        });
        link.join().client().send("a");
        link.join().client().send("b");
        settle();
        while (client.lines().size() < 3) {
            settle();
        }
        link.join().client().close(4000, "");
        assertThat(clientEnd.join()).isEqualTo("4000");
        assertThat(client.lines()).contains("text echo a", "text echo b");
        assertThat(network.faults()).isEmpty();
    }

    @Test
    void codeThatThrowsClosesWith1011() {
        route(socket -> {
            throw new Exception("checked");
        });
        assertThat(clientEnd.join()).isEqualTo("1011 internal error");
        assertThat(network.faults()).extracting(Throwable::getMessage).containsExactly("checked");
        assertThat(link.join().server().readyState()).isNotEqualTo(ReadyState.OPEN);
    }

    @Test
    void codeThatLetsTheEndOfItsConnectionFlyIsNotAtFault() throws InterruptedException {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        route(socket -> {
            try {
                socket.receive();
            } catch (ConnectionClosedException e) {
                seen.complete(e);
                throw e;
            }
        });
        loop.execute(link.join()::cut);
        assertThat(seen.join()).isInstanceOf(ConnectionClosedException.class);
        workers.shutdown();
        assertThat(workers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        settle();
        assertThat(network.faults()).isEmpty();
    }

    @Test
    void theEndOfAnotherConnectionIsAFault() {
        CompletableFuture<BlockingWebSocket> other = new CompletableFuture<>();
        loop.execute(() ->
                network.connect(NOTHING, new BlockingHandler(other::complete)).cut());
        route(socket -> other.join().receive());
        assertThat(clientEnd.join()).isEqualTo("1011 internal error");
        assertThat(network.faults()).singleElement().isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void anExecutorThatRefusesClosesWith1011() {
        workers.shutdown();
        route(socket -> {});
        assertThat(clientEnd.join()).isEqualTo("1011 internal error");
        assertThat(network.faults()).singleElement().isInstanceOf(RejectedExecutionException.class);
    }

    private static String text(Message message) {
        return ((Message.Text) message).data();
    }
}
