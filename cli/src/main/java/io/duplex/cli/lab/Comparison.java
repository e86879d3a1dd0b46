package io.duplex.cli.lab;

import io.duplex.client.WebSocketClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** An experiment with clients in this process. */
public final class Comparison {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
    private static final long REPORT_MILLIS = 500;
    /** For the last events on a machine that is busy; waited for only if some are missing. */
    private static final long PATIENCE_MILLIS = 10_000;

    private final Set<Way> ways;
    private final Plan plan;
    private final Map<Way, Arrivals> arrivals = new EnumMap<>(Way.class);
    private final Map<Way, Histogram> latencies = new EnumMap<>(Way.class);

    /** Of some ways. */
    public Comparison(Set<Way> ways, Plan plan) {
        this.ways = ways;
        this.plan = plan;
    }

    /**
     * Runs it.
     *
     * @param progress is told what has been measured so far, twice a second
     * @return by way, in their order
     * @throws IOException if clients cannot connect
     */
    public List<Result> run(Duration time, Consumer<List<Result>> progress) throws IOException, InterruptedException {
        List<Client> clients = new ArrayList<>();
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        try (Experiment experiment = new Experiment(ways, plan, InetAddress.getLoopbackAddress());
                WebSocketClient sockets = WebSocketClient.create()) {
            connect(experiment, sockets, http, clients);
            experiment.begin();
            long end = System.nanoTime() + time.toNanos();
            for (long left; (left = end - System.nanoTime()) > 0; ) {
                TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(REPORT_MILLIS)));
                progress.accept(results(experiment));
            }
            experiment.endEvents();
            awaitRest(experiment);
            return results(experiment);
        } finally {
            clients.forEach(Client::close);
        }
    }

    private void connect(Experiment experiment, WebSocketClient sockets, HttpClient http, List<Client> clients)
            throws IOException, InterruptedException {
        List<CompletableFuture<Client>> opening = new ArrayList<>();
        for (Way way : ways) {
            Arrivals here = new Arrivals();
            arrivals.put(way, here);
            URI url = URI.create("http://" + host() + ":" + experiment.port(way) + experiment.path());
            for (int i = 0; i < plan.clients(); i++) {
                Duration firstPoll = plan.pollInterval().multipliedBy(i).dividedBy(plan.clients());
                opening.add(Client.connect(way, url, plan.pollInterval(), firstPoll, here, sockets, http));
            }
        }
        try {
            for (CompletableFuture<Client> next : opening) {
                clients.add(next.get(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
            }
        } catch (ExecutionException | TimeoutException fault) {
            opening.forEach(next -> next.thenAccept(Client::close));
            throw new IOException("clients cannot connect", fault);
        }
    }

    private static String host() {
        String address = InetAddress.getLoopbackAddress().getHostAddress();
        return address.indexOf(':') < 0 ? address : "[" + address + "]";
    }

    /** What was published last may be on its way: a short poll asks for it after its interval. */
    private void awaitRest(Experiment experiment) throws InterruptedException {
        long patience =
                plan.pollInterval().toMillis() + plan.network().roundTrip().toMillis() * 4 + PATIENCE_MILLIS;
        for (long waited = 0; waited < patience && !isAllThere(experiment); waited += REPORT_MILLIS) {
            TimeUnit.MILLISECONDS.sleep(REPORT_MILLIS);
        }
    }

    private boolean isAllThere(Experiment experiment) {
        return results(experiment).stream()
                .allMatch(result -> result.delivered() == result.costs().published() * plan.clients());
    }

    private List<Result> results(Experiment experiment) {
        List<Result> results = new ArrayList<>();
        experiment.costs().forEach((way, costs) -> {
            Histogram all = latencies.computeIfAbsent(way, key -> new Histogram(3));
            Arrivals here = arrivals.get(way);
            if (here != null) {
                all.add(here.take());
                results.add(new Result(way, costs, all.getTotalCount(), here.disordered(), all));
            }
        });
        return results;
    }
}
