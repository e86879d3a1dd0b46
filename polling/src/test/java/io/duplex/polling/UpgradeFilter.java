package io.duplex.polling;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A network that passes requests on, but for those that ask for an upgrade. Thread-safe. */
final class UpgradeFilter implements AutoCloseable {
    /** What becomes of a request for an upgrade. */
    enum Mode {
        PASS,
        REFUSE,
        DROP,
        SWALLOW
    }

    private static final String REFUSAL = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    private static final int BUFFER_BYTES = 16 << 10;

    private final int target;
    private final Set<Socket> upgraded = ConcurrentHashMap.newKeySet();
    private final AtomicInteger upgrades = new AtomicInteger();
    private final KeptSockets sockets = new KeptSockets("upgrade-filter");
    private volatile Mode mode;

    UpgradeFilter(int target, Mode mode) throws IOException {
        this.target = target;
        this.mode = mode;
        sockets.accept(this::serve);
    }

    int port() {
        return sockets.port();
    }

    /** How many requests have asked for one. */
    int upgrades() {
        return upgrades.get();
    }

    void mode(Mode next) {
        mode = next;
    }

    /** Cuts the connections that were upgraded; returns how many lived. */
    int cutUpgraded() throws IOException {
        int cut = 0;
        for (Socket socket : upgraded) {
            cut += socket.isClosed() ? 0 : 1;
            socket.close();
        }
        return cut;
    }

    private void serve(Socket client) throws IOException {
        byte[] head = head(client.getInputStream());
        boolean asks = new String(head, StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT)
                .contains("upgrade: websocket");
        Mode now = asks ? mode : Mode.PASS;
        if (asks) {
            upgrades.incrementAndGet();
        }
        switch (now) {
            case PASS -> pass(client, head, asks);
            case REFUSE -> client.getOutputStream().write(REFUSAL.getBytes(StandardCharsets.ISO_8859_1));
            case DROP -> {}
            case SWALLOW -> client.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }

    private static byte[] head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int b; (b = in.read()) >= 0; ) {
            head.write(b);
            if (b == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toByteArray();
    }

    private void pass(Socket client, byte[] head, boolean asks) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            server.setTcpNoDelay(true);
            if (!sockets.keep(server)) {
                return;
            }
            if (asks) {
                upgraded.add(client);
            }
            server.getOutputStream().write(head);
            sockets.execute(() -> copy(server, client));
            copy(client, server);
        } catch (RejectedExecutionException ended) {
            // closed
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read; (read = in.read(buffer)) > 0; ) {
                out.write(buffer, 0, read);
            }
        } catch (IOException ended) {
            // by the other direction, or one of the ends
        }
    }

    @Override
    public void close() throws IOException {
        sockets.close();
    }
}
