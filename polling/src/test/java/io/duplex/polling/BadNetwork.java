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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes TCP connections on, and cuts each in the midst of what it carries, up or down, as chance has it. Thread-safe.
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
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    /** @param meanBytes after how many bytes in one direction a connection is cut, on average */
    BadNetwork(int target, int meanBytes, long seed) throws IOException {
        this.target = target;
        this.meanBytes = meanBytes;
        this.random = new Random(seed);
        this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.add(client);
                open.add(server);
                threads.execute(() -> pass(client, server, allowance()));
                threads.execute(() -> pass(server, client, allowance()));
            }
        } catch (IOException ended) {
            // closed
        }
    }

    private synchronized long allowance() {
        return (long) (-Math.log(1 - random.nextDouble()) * meanBytes) + 1;
    }

    private void pass(Socket from, Socket to, long bytes) {
        byte[] buffer = new byte[BUFFER_BYTES];
        long left = bytes;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read; (read = in.read(buffer, 0, (int) Math.min(buffer.length, left))) > 0; ) {
                out.write(buffer, 0, read);
                left -= read;
                if (left == 0) {
                    cuts.incrementAndGet();
                    // Without a FIN: what is under way is lost, too.
                    from.setSoLinger(true, 0);
                    to.setSoLinger(true, 0);
                    return;
                }
            }
        } catch (IOException ended) {
            // by the other direction, or one of the ends
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
