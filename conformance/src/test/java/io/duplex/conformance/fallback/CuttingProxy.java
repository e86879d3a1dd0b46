package io.duplex.conformance.fallback;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes connections on, and breaks each: most after less than a second, but every third later, so that a slow machine gets on,
 * too, and those by which a session opens later than that takes. Thread-safe.
 */
final class CuttingProxy implements AutoCloseable {
    private static final int LEAST_MILLIS = 250;
    private static final int MOST_MILLIS = 700;
    /** How many connections a session opens by, with a preflight, and how long they live: less than a test does. */
    private static final int OPENING = 2;

    private static final int OPENING_MILLIS = 1500;
    private static final int LONGER = 6;
    private static final int BUFFER_BYTES = 16 << 10;

    private final int target;
    private final ServerSocket listener;
    private final ScheduledExecutorService scissors = Executors.newSingleThreadScheduledExecutor();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    /** @param target port on the loopback address */
    CuttingProxy(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many connections it has broken that nobody had closed before. */
    int cuts() {
        return cuts.get();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        int accepted = 0;
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                start(() -> pass(client, server));
                start(() -> pass(server, client));
                accepted++;
                scissors.schedule(() -> cut(client, server), lifeMillis(accepted), TimeUnit.MILLISECONDS);
            } catch (IOException | RuntimeException ended) {
                // of this connection, or of all
            }
        }
    }

    private static int lifeMillis(int number) {
        if (number <= OPENING) {
            return OPENING_MILLIS;
        }
        int millis = ThreadLocalRandom.current().nextInt(LEAST_MILLIS, MOST_MILLIS);
        return number % 3 == 0 ? LONGER * millis : millis;
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int length = from.getInputStream().read(buffer); length >= 0; ) {
                to.getOutputStream().write(buffer, 0, length);
                length = from.getInputStream().read(buffer);
            }
        } catch (IOException broken) {
            // as it should be
        }
        end(from);
        end(to);
    }

    private void cut(Socket client, Socket server) {
        if (sockets.contains(client)) {
            cuts.incrementAndGet();
        }
        end(client);
        end(server);
    }

    private void end(Closeable socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        scissors.shutdownNow();
        listener.close();
        Set.copyOf(sockets).forEach(this::end);
    }
}
