package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.BufferSource;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Workspace;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestHandshake;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** One member's fault is not the others'. */
class LoopTest {
    private final VirtualLoop loop = new VirtualLoop();
    private final Topics topics = new Topics();
    private final MemoryNetwork network = new MemoryNetwork(loop, topics);
    private final List<Throwable> faults = new ArrayList<>();
    private boolean logIsBroken;

    /** A transport against its contract: it throws. */
    private final class Broken implements Transport {
        private int sent;

        @Override
        public ByteBuffer room(int bytes) {
            sent++;
            throw new IllegalStateException("no room, ever");
        }

        @Override
        public void write(ByteBuffer payload) {}

        @Override
        public boolean isInLoop() {
            return loop.isInLoop();
        }

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public long pendingBytes() {
            return 0;
        }

        @Override
        public boolean isCongested() {
            return false;
        }

        @Override
        public void whenFlushed(Runnable task) {}

        @Override
        public void setReading(boolean reading) {}

        @Override
        public void close() {}

        @Override
        public void abort() {}
    }

    private Connection broken(Broken transport) {
        Connection connection = new Connection(
                Role.SERVER,
                TestHandshake.of("/"),
                null,
                new WebSocketHandler() {},
                new ConnectionSettings(
                        Limits.DEFAULT,
                        Timeouts.DEFAULT,
                        PermessageDeflate.DISABLED,
                        topics,
                        (socket, fault) -> note(fault)),
                loop.shared(),
                transport);
        connection.onOpen();
        return connection;
    }

    private void note(Throwable fault) {
        faults.add(fault);
        if (logIsBroken) {
            throw new IllegalStateException("a log that throws", fault);
        }
    }

    private RecordingHandler member() {
        RecordingHandler client = new RecordingHandler();
        Connection server = network.connect(client, new WebSocketHandler() {}).server();
        loop.run();
        server.subscribe("news");
        client.take();
        return client;
    }

    @Test
    void oneThatThrowsInTheMiddleOfADeliveryKeepsNobodyFromTheirs() {
        RecordingHandler before = member();
        Broken transport = new Broken();
        broken(transport).subscribe("news");
        RecordingHandler after = member();
        topics.publish("news", "1");
        topics.publish("news", "2");
        loop.run();
        assertThat(before.take()).containsExactly("text 1", "text 2");
        assertThat(after.take()).containsExactly("text 1", "text 2");
        assertThat(faults).isNotEmpty();
        assertThat(transport.sent).as("nothing is sent twice").isLessThanOrEqualTo(2);
        topics.publish("news", "3");
        loop.run();
        assertThat(before.take()).containsExactly("text 3");
    }

    @Test
    void aLogThatThrowsInTurnKeepsNobodyFromTheirsEither() {
        logIsBroken = true;
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        List<Throwable> uncaught = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, fault) -> uncaught.add(fault));
        try {
            Connection connection = broken(new Broken());
            connection.subscribe("news");
            RecordingHandler after = member();
            topics.publish("news", "1");
            loop.run();
            assertThat(after.take()).containsExactly("text 1");
            assertThat(connection.readyState()).isEqualTo(ReadyState.CLOSING);
            assertThat(uncaught).singleElement().asString().contains("a log that throws");
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
    }

    @Test
    void oneThatThrowsWhileMessagesAreGatheredKeepsNobodyFromTheirs() {
        RecordingHandler first = member();
        Connection connection = broken(new Broken());
        connection.subscribe("news");
        RecordingHandler after = member();
        Connection publisher = network.connect(new RecordingHandler(), new WebSocketHandler() {})
                .server();
        loop.elsewhere(() -> connection.send("mail that is met on the way"));
        publisher.publish("news", "1");
        loop.run();
        assertThat(first.take()).containsExactly("text 1");
        assertThat(after.take()).containsExactly("text 1");
        assertThat(faults).hasSize(1);
        assertThat(connection.readyState()).isEqualTo(ReadyState.CLOSING);
    }

    @Test
    void whatManyInflateIsBoundedFromTickToTick() {
        Loop shared = loop.shared();
        shared.tick();
        assertThat(shared.countInflated(Loop.TICK_INFLATED_BYTES)).isFalse();
        assertThat(shared.countInflated(1)).isTrue();
        shared.tick();
        assertThat(shared.countInflated(1)).isFalse();
    }

    @Test
    void timeInWhichTheProcessStoodStillDoesNotCount() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
        Loop stopped = new Loop(
                new Workspace(new NoBuffers(), () -> 1, new DeflatePool()),
                new SendBudget(0, () -> {}),
                Runnable::run,
                nanos::get);
        List<Long> fired = new ArrayList<>();
        stopped.timers()
                .schedule(
                        new TimerWheel.Timer(now -> {
                            fired.add(now);
                            return TimerWheel.Watch.NEVER;
                        }),
                        3_000_000_000L);
        nanos.addAndGet(3_600_000_000_000L);
        stopped.tick();
        int ticks = 0;
        while (fired.isEmpty() && ticks < 100) {
            nanos.addAndGet(TimerWheel.TICK_NANOS);
            stopped.tick();
            ticks++;
        }
        assertThat(ticks).isBetween(28, 31);
    }

    /** Lends nothing. */
    private static final class NoBuffers implements BufferSource {
        @Override
        public Lease acquire(int bytes) {
            throw new OutOfMemoryError("lends nothing");
        }
    }
}
