package io.duplex.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** A SOCKS 5 proxy (RFC 1928) that notes how many bytes went through to which port until when. */
final class CountingSocks implements AutoCloseable {
    private static final int ANSWER_BYTES = 10;

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Map<Integer, Count> counts = new ConcurrentHashMap<>();

    /** Bytes to and from one port, and how many there were at a time in milliseconds. */
    private static final class Count {
        final AtomicLong bytes = new AtomicLong();
        final NavigableMap<Double, Long> until = new ConcurrentSkipListMap<>();

        synchronized void add(int more) {
            until.put(System.currentTimeMillis() * 1.0, bytes.addAndGet(more));
        }
    }

    CountingSocks() throws IOException {
        daemon(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Bytes that had gone to and from a port, both ways together. */
    long bytes(int port, double untilMillis) {
        Count count = counts.get(port);
        Map.Entry<Double, Long> last = count == null ? null : count.until.floorEntry(untilMillis);
        return last == null ? 0 : last.getValue();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "counting-socks");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                daemon(() -> serve(client));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            in.readUnsignedByte();
            in.skipNBytes(in.readUnsignedByte());
            out.write(new byte[] {5, 0});
            in.skipNBytes(3);
            String host = host(in, in.readUnsignedByte());
            int port = in.readUnsignedShort();
            try (Socket server = new Socket()) {
                server.connect(new InetSocketAddress(host, port));
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                byte[] answer = new byte[ANSWER_BYTES];
                answer[0] = 5;
                answer[3] = 1;
                out.write(answer);
                Count count = counts.computeIfAbsent(port, key -> new Count());
                daemon(() -> pass(server, client, count));
                pass(client, server, count);
            }
        } catch (IOException gone) {
            // the browser closes connections as it likes
        }
    }

    private static String host(DataInputStream in, int type) throws IOException {
        if (type == 3) {
            return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
        }
        return InetAddress.getByAddress(in.readNBytes(type == 1 ? 4 : 16)).getHostAddress();
    }

    private static void pass(Socket from, Socket to, Count count) {
        byte[] buffer = new byte[64 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read; (read = in.read(buffer)) >= 0; ) {
                count.add(read);
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException gone) {
            // the other direction ends with it
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
