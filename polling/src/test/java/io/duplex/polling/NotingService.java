package io.duplex.polling;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Notes what another service is asked for, before it is. Thread-safe. */
final class NotingService implements HttpService {
    private final HttpService service;
    private final List<String> notes = new ArrayList<>();

    NotingService(HttpService service) {
        this.service = service;
    }

    /** How many requests there were for a carrier; of WebSockets those that were let in. */
    synchronized long requests(Via via) {
        return count(via.token());
    }

    /** How many requests have sent something, or have opened a session. */
    synchronized long posts() {
        return count("POST");
    }

    /** How many requests were polls. */
    synchronized long polls() {
        return requests(Via.LONG) + requests(Via.POLL);
    }

    /** Waits for so many polls; {@code false} if they do not come in time. */
    synchronized boolean awaitPolls(long number, long seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (polls() < number && deadline - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
        }
        return polls() >= number;
    }

    private long count(String note) {
        return notes.stream().filter(note::equals).count();
    }

    private synchronized void note(String note) {
        notes.add(note);
        notifyAll();
    }

    @Override
    public void start(ServiceHost host) {
        service.start(host);
    }

    @Override
    public void serve(HttpExchange exchange) {
        String method = exchange.head().method();
        note(
                method.equals("GET")
                        ? String.valueOf(Query.of(exchange.head().query()).value("via"))
                        : method);
        service.serve(exchange);
    }

    @Override
    public @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
        CompletionStage<Upgrade> answer = service.upgrade(request);
        if (answer != null) {
            note(Via.WEBSOCKET.token());
        }
        return answer;
    }
}
