package io.duplex.conformance.fallback;

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
 * Passes connections on, and cuts each in the midst of what it carries, after as many bytes as its number and a seed say: with a
 * reset, or with an end. So a slow machine has as many cuts as a fast one. Two in three carry some KiB, the others more than the
 * longest message that the scripts send, so that it gets through, but less than it and its echo. Thread-safe.
 */
final class CuttingProxy implements AutoCloseable {
    private static final int LEAST_BYTES = 4 << 10;
    private static final int SHORT_BYTES = 24 << 10;
    private static final int LONG_BYTES = 350 << 10;
    private static final int LONGEST_BYTES = 500 << 10;
    /** How many connections a session may open by, with a preflight: its request is not repeated. They are short ones. */
    private static final int OPENING = 4;

    private static final int BUFFER_BYTES = 16 << 10;

    private final int target;
    /** Of the thread that accepts. */
    private final Random random;

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    /** @param target port on the loopback address */
    CuttingProxy(int target, long seed) throws IOException {
        this.target = target;
        this.random = new Random(seed);
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many connections it has cut. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        for (int number = 1; !listener.isClosed(); number++) {
            try {
                passOn(listener.accept(), number);
            } catch (IOException | RejectedExecutionException ended) {
                // that connection, or all of them
            }
        }
    }

    private void passOn(Socket client, int number) throws IOException {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Line line = new Line(client, server, number);
            lines.add(line);
            threads.execute(() -> line.carry(client, server));
            threads.execute(() -> line.carry(server, client));
        } catch (IOException | RejectedExecutionException refused) {
            client.close();
            throw refused;
        }
    }

    /** A connection of a client, and the one that it is passed on to. */
    private final class Line {
        private final Socket client;
        private final Socket server;
        private final boolean isReset;
        private final AtomicInteger ways = new AtomicInteger(2);
        /** What it still carries, in both directions together. */
        private int left;

        private boolean over;

        Line(Socket client, Socket server, int number) {
            this.client = client;
            this.server = server;
            boolean isLong = random.nextInt(3) == 0 && number > OPENING;
            left = isLong ? random.nextInt(LONG_BYTES, LONGEST_BYTES) : random.nextInt(LEAST_BYTES, SHORT_BYTES);
            isReset = random.nextBoolean();
        }

        void carry(Socket from, Socket to) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read; (read = in.read(buffer)) >= 0; ) {
                    int passed = take(read);
                    out.write(buffer, 0, passed);
                    if (passed < read) {
                        cut();
                    }
                }
                to.shutdownOutput();
            } catch (IOException ended) {
                close(); // by the other direction, or one of the ends
            }
            if (ways.decrementAndGet() == 0) {
                close();
            }
        }

        private synchronized int take(int bytes) {
            int taken = Math.min(bytes, left);
            left -= taken;
            return taken;
        }

        private synchronized void cut() throws IOException {
            if (over) {
                return;
            }
            cuts.incrementAndGet();
            if (isReset) {
                client.setSoLinger(true, 0);
                server.setSoLinger(true, 0);
            }
            close();
        }

        synchronized void close() {
            over = true;
            lines.remove(this);
            try (client;
                    server) {
                left = 0;
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
