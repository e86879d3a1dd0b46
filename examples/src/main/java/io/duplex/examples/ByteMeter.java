package io.duplex.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/** Stands before a port of this machine and counts what goes through, headers and all. Thread-safe. */
final class ByteMeter implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket listening;
    private final int target;
    private final LongAdder bytes = new LongAdder();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "byte-meter");
        thread.setDaemon(true);
        return thread;
    });

    private ByteMeter(ServerSocket listening, int target) {
        this.listening = listening;
        this.target = target;
    }

    /** A meter in front of {@code port}. */
    static ByteMeter before(int port) {
        try {
            ByteMeter meter = new ByteMeter(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()), port);
            meter.threads.execute(meter::accept);
            return meter;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where to connect in place of that port. */
    int port() {
        return listening.getLocalPort();
    }

    /** Bytes so far, of both directions. */
    long bytes() {
        return bytes.sum();
    }

    private void accept() {
        try {
            while (!listening.isClosed()) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                threads.execute(() -> pump(client, server));
                threads.execute(() -> pump(server, client));
            }
        } catch (IOException e) {
            close(); // the ordinary end
        }
    }

    private void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read; (read = in.read(buffer)) >= 0; ) {
                bytes.add(read);
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            cut(to); // one side is gone: the other is to know
        }
    }

    private static void cut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(ByteMeter::cut);
        threads.shutdown();
    }
}
