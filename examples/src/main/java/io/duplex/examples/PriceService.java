package io.duplex.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * An application as there are many: {@code GET /prices} is all that it knows, with an ETag; {@code GET /changes?since=n} what came
 * after the n-th change. Its clients ask again and again. Thread-safe.
 */
final class PriceService implements AutoCloseable {
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int NAMES = 40;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final LongAdder requests = new LongAdder();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    PriceService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/prices", this::prices);
        server.createContext("/changes", this::changes);
        server.setExecutor(threads);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Requests so far. */
    long requests() {
        return requests.sum();
    }

    /** Has {@code listener} told of the whole state after each change. */
    void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Changes a price. */
    void change() {
        int number = changes.size() + 1;
        changes.add("{\"change\":" + number + ",\"name\":\"N" + number % NAMES + "\",\"price\":" + number + "}");
        String state = state();
        listeners.forEach(listener -> listener.accept(state));
    }

    /** All prices, and as {@code version} how many changes made them so. */
    String state() {
        int version = changes.size();
        List<String> prices = new ArrayList<>();
        for (int name = 0; name < NAMES; name++) {
            int last = version - Math.floorMod(version - name, NAMES);
            prices.add("\"N" + name + "\":" + Math.max(last, 0));
        }
        return "{\"version\":" + version + ",\"prices\":{" + String.join(",", prices) + "}}";
    }

    private void prices(HttpExchange exchange) throws IOException {
        requests.increment();
        String state = state();
        String etag = "\"" + Integer.toHexString(state.hashCode()) + "\"";
        exchange.getResponseHeaders().add("ETag", etag);
        if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            answer(exchange, NOT_MODIFIED, "");
        } else {
            answer(exchange, OK, state);
        }
    }

    private void changes(HttpExchange exchange) throws IOException {
        requests.increment();
        String query = exchange.getRequestURI().getQuery();
        int since = Integer.parseInt(query.substring("since=".length()));
        List<String> all = List.copyOf(changes);
        exchange.getResponseHeaders().add("Next-Since", Integer.toString(all.size()));
        if (since >= all.size()) {
            answer(exchange, NO_CONTENT, "");
        } else {
            answer(exchange, OK, "[" + String.join(",", all.subList(since, all.size())) + "]");
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
