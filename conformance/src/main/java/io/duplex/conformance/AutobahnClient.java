package io.duplex.conformance;

import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client as Autobahn's fuzzing server wants it: asks how many cases there are, echoes in one connection after the other
 * whatever comes, and asks for the reports. A connection that fails does not end it: failing may be what the case is for.
 */
public final class AutobahnClient {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    /** The longest case takes a good minute on a busy machine. */
    private static final long CASE_SECONDS = 180;

    private final WebSocketClient client;
    private final String base;

    private AutobahnClient(WebSocketClient client, String base) {
        this.client = client;
        this.base = base;
    }

    /**
     * Runs all cases that the suite's server has.
     *
     * @param args {@code ws://host:port} of the server, and a name for the reports
     */
    public static void main(String[] args) throws InterruptedException {
        run(args[0], args[1]);
    }

    static void run(String base, String agent) throws InterruptedException {
        try (WebSocketClient client = WebSocketClient.builder()
                .limits(Limits.builder().maxMessageBytes(MAX_MESSAGE_BYTES).build())
                .build()) {
            AutobahnClient autobahn = new AutobahnClient(client, base);
            int cases = Integer.parseInt(autobahn.visit("/getCaseCount").lastText);
            for (int number = 1; number <= cases; number++) {
                autobahn.visit("/runCase?case=" + number + "&agent=" + agent);
            }
            autobahn.visit("/updateReports?agent=" + agent);
        }
    }

    private Echo visit(String resource) throws InterruptedException {
        Echo echo = new Echo();
        try {
            WebSocket socket = client.connect(base + resource, echo);
            try {
                echo.closed.get(CASE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                System.err.println(resource + " did not end within " + CASE_SECONDS + " s");
                socket.abort();
            }
        } catch (WebSocketException | ExecutionException e) {
            System.err.println(resource + ": " + e.getMessage());
        }
        return echo;
    }

    /** Sends back what it gets; Autobahn closes when it has seen enough. */
    private static final class Echo implements WebSocketHandler {
        private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();
        private volatile String lastText = "";

        @Override
        public void onText(WebSocket socket, String text) {
            lastText = text;
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            closed.complete(outcome);
        }
    }
}
