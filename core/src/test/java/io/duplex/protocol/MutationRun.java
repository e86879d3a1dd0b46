package io.duplex.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Many {@link MutatedStreams}, over all processors, with progress: {@code ./fuzz mutations}. */
final class MutationRun {
    private static final int PROGRESS_SECONDS = 10;
    private static final int BATCH = 1000;

    private final long seed;
    private final long count;
    private final AtomicLong given = new AtomicLong();
    private final List<MutatedStreams> workers = new ArrayList<>();

    private MutationRun(long seed, long count) {
        this.seed = seed;
        this.count = count;
    }

    /**
     * Runs until all streams are through, or one of them shows a fault: then the exit status is 1.
     *
     * @param args the number of streams, and the seed of the first; those after it have the next numbers
     */
    public static void main(String[] args) throws InterruptedException {
        MutationRun run = new MutationRun(args.length < 2 ? 1 : Long.parseLong(args[1]), Long.parseLong(args[0]));
        System.exit(run.run() ? 0 : 1);
    }

    private boolean run() throws InterruptedException {
        long start = System.nanoTime();
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                MutatedStreams streams = new MutatedStreams(i % 2 == 1);
                workers.add(streams);
                results.add(pool.submit(work(streams)));
            }
            for (Future<?> result : results) {
                await(result, start);
            }
        } catch (ExecutionException fault) {
            System.out.println("FAULT: " + fault.getCause().getMessage());
            fault.getCause().printStackTrace(System.out);
            return false;
        } finally {
            pool.shutdownNow();
        }
        print(count, start);
        return true;
    }

    private Callable<Void> work(MutatedStreams streams) {
        return () -> {
            for (long from; (from = given.getAndAdd(BATCH)) < count && !Thread.interrupted(); ) {
                for (long i = from; i < Math.min(count, from + BATCH); i++) {
                    streams.run(seed + i);
                }
            }
            return null;
        };
    }

    private void await(Future<?> result, long start) throws ExecutionException, InterruptedException {
        while (true) {
            try {
                result.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException goesOn) {
                print(Math.min(given.get(), count), start);
            }
        }
    }

    private void print(long done, long start) {
        long slowest = 0;
        long peak = 0;
        StringBuilder events = new StringBuilder();
        for (Event event : Event.values()) {
            long seen = 0;
            for (MutatedStreams streams : workers) {
                seen += streams.count(event);
            }
            events.append(' ').append(event).append(' ').append(seen);
        }
        for (MutatedStreams streams : workers) {
            slowest = Math.max(slowest, streams.slowestNanos());
            peak = Math.max(peak, streams.peakBytes());
        }
        System.out.printf(
                Locale.ROOT,
                "%d of %d streams from seed %d, %d s, slowest %.1f ms, memory at most %d bytes; events:%s%n",
                done,
                count,
                seed,
                (System.nanoTime() - start) / 1_000_000_000L,
                slowest / 1e6,
                peak,
                events);
    }
}
