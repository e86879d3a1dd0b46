package io.duplex.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * A real proxy, small and trusting: whatever name it is asked for, it connects to this machine. Thread-safe.
 */
final class TestProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final String credentials;
    private final boolean speaksSocks;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private TestProxy(ServerSocket listening, String credentials, boolean speaksSocks) {
        this.listening = listening;
        this.credentials = credentials;
        this.speaksSocks = speaksSocks;
        threads.execute(this::accept);
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** An HTTP proxy that wants {@code user:password}, or nothing if that is empty. */
    static TestProxy http(String credentials) throws IOException {
        return new TestProxy(listen(), credentials, false);
    }

    /** An HTTP proxy inside of TLS. */
    static TestProxy https(SSLContext tls) throws IOException {
        ServerSocket listening =
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return new TestProxy(listening, "", false);
    }

    /** A SOCKS 5 proxy that wants {@code user:password}, or nothing if that is empty. */
    static TestProxy socks5(String credentials) throws IOException {
        return new TestProxy(listen(), credentials, true);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** The heads of the HTTP requests, or the {@code host:port} of the SOCKS ones, so far. */
    List<String> requests() {
        return requests;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                client.setTcpNoDelay(true);
                sockets.add(client);
                threads.execute(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client) {
            Socket server = speaksSocks ? socks(client) : connect(client);
            if (server != null) {
                sockets.add(server);
                server.setTcpNoDelay(true);
                threads.execute(() -> relay(server, client));
                relay(client, server);
            }
        } catch (IOException e) {
            // one side has gone
        }
    }

    private Socket connect(Socket client) throws IOException {
        String head = head(client.getInputStream());
        requests.add(head);
        OutputStream out = client.getOutputStream();
        String expected = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
        if (!credentials.isEmpty() && !head.contains("\r\nProxy-Authorization: " + expected + "\r\n")) {
            out.write("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 8\r\n\r\nwho goes"
                    .getBytes(ISO_8859_1));
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
            return null;
        }
        String target = head.split(" ", 3)[1];
        Socket server = toThisMachine(target);
        out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
        return server;
    }

    private static Socket toThisMachine(String target) throws IOException {
        int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private Socket socks(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        in.readByte();
        List<Byte> methods = new ArrayList<>();
        for (byte method : in.readNBytes(in.readByte())) {
            methods.add(method);
        }
        byte wanted = (byte) (credentials.isEmpty() ? 0 : 2);
        if (!methods.contains(wanted)) {
            out.write(new byte[] {5, (byte) 0xFF});
            return null;
        }
        out.write(new byte[] {5, wanted});
        if (wanted == 2) {
            in.readByte();
            String user = new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
            String password = new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
            boolean isRight = (user + ":" + password).equals(credentials);
            out.write(new byte[] {1, (byte) (isRight ? 0 : 1)});
            if (!isRight) {
                return null;
            }
        }
        in.readNBytes(3);
        byte type = in.readByte();
        String host = switch (type) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 4 -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
            default -> new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
        };
        String target = host + ":" + in.readUnsignedShort();
        requests.add(target);
        try {
            Socket server = toThisMachine(target);
            out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 80});
            return server;
        } catch (IOException e) {
            out.write(new byte[] {5, 5, 0, 1, 0, 0, 0, 0, 0, 0});
            return null;
        }
    }

    private static void relay(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int read; (read = in.read(buffer)) >= 0; ) {
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is as good as closed
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        sockets.forEach(TestProxy::closeQuietly);
        threads.shutdownNow();
    }
}
