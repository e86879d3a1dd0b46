package io.duplex.client;

import io.duplex.handshake.IpAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Asks for the addresses of hosts, and does what else an attempt to connect needs that blocks. It has threads of its own for
 * that, which end when they have nothing to do. What is cancelled before its turn is not done. Thread-safe.
 */
final class HostResolver {
    /** So many that a few names whose servers are slow do not hold up the others: a look-up that runs cannot be stopped. */
    private static final int MAX_THREADS = 16;

    private static final int IDLE_SECONDS = 5;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("duplex-resolver", true));

    private final HostLookup lookup;

    HostResolver(HostLookup lookup) {
        this.lookup = lookup;
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Looks up a host.
     *
     * @param host a name, or an IP address without brackets
     * @return its addresses, at least one, in the order of the look-up; fails with an {@link UnknownHostException}
     */
    CompletableFuture<List<InetSocketAddress>> resolve(String host, int port) {
        byte[] literal = IpAddress.parse(host);
        if (literal != null) {
            return CompletableFuture.completedFuture(List.of(socketAddress(literal, port)));
        }
        return call(() -> lookUp(host, port));
    }

    private static InetSocketAddress socketAddress(byte[] literal, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(literal), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // the length is right
        }
    }

    private List<InetSocketAddress> lookUp(String host, int port) throws UnknownHostException {
        List<InetSocketAddress> found = new ArrayList<>();
        for (InetAddress address : lookup.addressesOf(host)) {
            found.add(new InetSocketAddress(address, port));
        }
        if (found.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return found;
    }

    /** Does something else that blocks; fails with whatever that throws. */
    CompletableFuture<?> run(Runnable task) {
        return call(() -> {
            task.run();
            return true;
        });
    }

    private <T> CompletableFuture<T> call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            if (result.isDone()) {
                return;
            }
            try {
                result.complete(task.call());
            } catch (Throwable fault) {
                result.completeExceptionally(fault);
            }
        });
        return result;
    }

    void close() {
        threads.shutdownNow();
    }
}
