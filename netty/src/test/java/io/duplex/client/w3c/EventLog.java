package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Writes down the events of a socket, for a test that waits for them. Thread-safe. */
final class EventLog {
    private static final int PATIENCE_SECONDS = 60;

    private final BlockingQueue<String> entries = new LinkedBlockingQueue<>();

    static EventLog of(BrowserWebSocket socket) {
        EventLog log = new EventLog();
        socket.onopen(event -> log.entries.add("open"));
        socket.onmessage(event -> log.entries.add("message " + describe(event.data())));
        socket.onerror(event -> log.entries.add("error"));
        socket.onclose(event -> log.entries.add(
                "close " + event.code() + (event.wasClean() ? " clean" : " not clean") + " '" + event.reason() + "'"));
        return log;
    }

    /** Waits until {@code socket} is in a state, about which there is no event. */
    static void awaitState(BrowserWebSocket socket, int state) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (socket.readyState() != state) {
            assertThat(System.nanoTime()).as("state " + state + " in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static String describe(Object data) {
        if (data instanceof Blob blob) {
            return "blob " + Hex.format(blob.buffer());
        }
        return data instanceof ByteBuffer bytes ? "buffer " + Hex.format(bytes.duplicate()) : data.toString();
    }

    void add(String entry) {
        entries.add(entry);
    }

    /** Waits for the next entry. */
    String next() throws InterruptedException {
        String entry = entries.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(entry).as("came in time").isNotNull();
        return entry;
    }

    /** Waits for the end, and returns all entries up to it. */
    List<String> all() throws InterruptedException {
        List<String> all = new ArrayList<>();
        do {
            all.add(next());
        } while (!all.get(all.size() - 1).startsWith("close "));
        return all;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
