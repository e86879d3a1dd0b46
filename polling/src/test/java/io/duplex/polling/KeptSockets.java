package io.duplex.polling;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** Accepts connections, gives each a thread, and closes all that it keeps at the end. Thread-safe. */
final class KeptSockets implements AutoCloseable {
    /** What is done with a connection; it is closed then. */
    interface Service {
        void serve(Socket client) throws IOException;
    }

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = new HashSet<>();
    private final ExecutorService threads;
    private boolean closed;

    KeptSockets(String name) throws IOException {
        threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    void accept(Service service) {
        threads.execute(() -> {
            try {
                while (true) {
                    Socket client = listener.accept();
                    if (!keep(client)) {
                        return;
                    }
                    client.setTcpNoDelay(true);
                    threads.execute(() -> serve(service, client));
                }
            } catch (IOException | RejectedExecutionException ended) {
                // closed
            }
        });
    }

    private static void serve(Service service, Socket client) {
        try (client) {
            service.serve(client);
        } catch (IOException ended) {
            // by one of the ends
        }
    }

    /**
     * Runs {@code task} in a thread of its own.
     *
     * @throws RejectedExecutionException if all is closed
     */
    void execute(Runnable task) {
        threads.execute(task);
    }

    /** Keeps a socket to be closed at the end; closes it if that was before. */
    boolean keep(Socket socket) throws IOException {
        synchronized (open) {
            if (closed) {
                socket.close();
            } else {
                open.add(socket);
            }
            return !closed;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (open) {
            closed = true;
            for (Socket socket : open) {
                socket.close();
            }
        }
        threads.shutdownNow();
    }
}
