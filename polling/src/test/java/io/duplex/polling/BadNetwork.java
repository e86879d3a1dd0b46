package io.duplex.polling;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes TCP connections on, and cuts each in the midst of what it carries, up or down, as chance has it: with a reset, by which
 * what is under way is lost, too, or with an end in both directions. Thread-safe.
 */
final class BadNetwork implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket listener;
    private final int target;
    private final int meanBytes;
    private final Random random;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bad-network");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final AtomicInteger spared;
    private final AtomicInteger resets = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();

    /** @param meanBytes after how many bytes in one direction a connection is cut, on average */
    BadNetwork(int target, int meanBytes, long seed) throws IOException {
        this(target, meanBytes, seed, 0);
    }

    /** @param sparedBytes of the first connection, in each direction, so that a client that opens a session once gets it */
    BadNetwork(int target, int meanBytes, long seed, int sparedBytes) throws IOException {
        this.target = target;
        this.spared = new AtomicInteger(sparedBytes);
        this.meanBytes = meanBytes;
        this.random = new Random(seed);
        this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many connections were cut with a reset. */
    int resets() {
        return resets.get();
    }

    /** How many connections were ended both ways. */
    int ends() {
        return ends.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                passOn(listener.accept());
            } catch (IOException | RejectedExecutionException ended) {
                // that connection, or all of them
            }
        }
    }

    private void passOn(Socket client) throws IOException {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Line line = new Line(client, server);
            lines.add(line);
            int least = spared.getAndSet(0);
            threads.execute(() -> line.carry(client, server, least + allowance()));
            threads.execute(() -> line.carry(server, client, least + allowance()));
        } catch (IOException | RejectedExecutionException refused) {
            client.close();
            throw refused;
        }
    }

    private synchronized long allowance() {
        return (long) (-Math.log(1 - random.nextDouble()) * meanBytes) + 1;
    }

    private synchronized boolean isReset() {
        return random.nextBoolean();
    }

    /** A connection of a client, and the one that it is passed on to. */
    private final class Line {
        private final Socket client;
        private final Socket server;
        private final AtomicInteger ways = new AtomicInteger(2);
        /** Whether both sides were told that it is over: what they have under way goes nowhere. */
        private volatile boolean cut;

        Line(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void carry(Socket from, Socket to, long bytes) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long left = bytes;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read; (read = in.read(buffer)) >= 0; ) {
                    int passed = (int) Math.min(read, left);
                    if (!cut && passed > 0) {
                        out.write(buffer, 0, passed);
                        left -= passed;
                        if (left == 0) {
                            cut();
                        }
                    }
                }
                if (!cut) {
                    to.shutdownOutput();
                }
            } catch (IOException ended) {
                close(); // by the other direction, or one of the ends
            }
            if (ways.decrementAndGet() == 0) {
                close();
            }
        }

        private synchronized void cut() throws IOException {
            if (cut) {
                return;
            }
            cut = true;
            if (isReset()) {
                resets.incrementAndGet();
                client.setSoLinger(true, 0);
                server.setSoLinger(true, 0);
                close();
            } else {
                ends.incrementAndGet();
                client.shutdownOutput();
                server.shutdownOutput();
            }
        }

        void close() {
            lines.remove(this);
            try (client;
                    server) {
                cut = true;
            } catch (IOException ended) {
                // as it was to be
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Line line : lines) {
            line.close();
        }
        threads.shutdownNow();
    }
}
