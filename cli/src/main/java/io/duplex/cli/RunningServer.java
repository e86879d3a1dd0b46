package io.duplex.cli;

import io.duplex.WebSocketException;
import io.duplex.server.WebSocketServer;
import io.duplex.tls.TlsProvider;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** A server of the command, from its start to the signal that ends it. */
final class RunningServer {
    private static final String PORT_HINT = "; choose another --host or --port (0 picks a free port)";
    /** The system's words, of Linux and macOS, and of Windows (WSAEADDRINUSE); no I/O kind has a type for it. */
    private static final Pattern TAKEN = Pattern.compile("already in use|Only one usage of each socket address");

    private final WebSocketServer server;
    private final String authority;

    private RunningServer(WebSocketServer server, String host) {
        this.server = server;
        this.authority = host + ":" + server.port();
    }

    /** Starts the server and says so on standard output. SIGTERM and SIGINT drain it: its connections get 1001. */
    static RunningServer start(WebSocketServer.Builder builder, ServerOptions options) {
        WebSocketServer server;
        try {
            server = builder.start();
        } catch (WebSocketException e) {
            throw e.getCause() instanceof SSLException ? e : new WebSocketException(fault(e, options) + PORT_HINT, e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.drain(options.drain()), "duplex-shutdown"));
        RunningServer running = new RunningServer(server, options.authorityHost());
        System.out.println(running.line());
        return running;
    }

    private static String fault(WebSocketException fault, ServerOptions options) {
        String message = String.valueOf(fault.getMessage());
        return TAKEN.matcher(message).find()
                ? options.authorityHost() + ":" + options.port() + " is in use: another program listens there"
                : message;
    }

    private String line() {
        int threads = server.threads();
        TlsProvider tls = server.tlsProvider();
        return "listening on " + (server.isSecure() ? "wss" : "ws") + "://" + authority + " (" + server.io() + ", "
                + (tls == null ? "" : "TLS by " + tls.label() + ", ")
                + threads + (threads == 1 ? " thread)" : " threads)");
    }

    /** The port that it listens on. */
    int port() {
        return server.port();
    }

    /** Whether it speaks TLS. */
    boolean isSecure() {
        return server.isSecure();
    }

    /** Waits for the end. */
    int await() throws InterruptedException {
        server.awaitClose();
        return 0;
    }
}
