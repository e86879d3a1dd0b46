package io.duplex.benchmarks.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What every peer's main takes: {@code [--port N] [--io nio|epoll|io_uring] [--tls] [--attached]}.
 *
 * @param port where to listen on 127.0.0.1; 0, the default, lets the system choose
 * @param io how to talk to sockets, for those that have a choice
 * @param tls whether to speak TLS
 * @param attached whether to end when standard input does, so that no server outlives the arena
 */
record PeerOptions(int port, String io, boolean tls, boolean attached) {
    static final String HOST = "127.0.0.1";
    /** Listen backlog: the arena opens many connections at once. */
    static final int BACKLOG = 4096;
    /** The longest message that a peer must take. */
    static final int MAX_MESSAGE_BYTES = 16 << 20;

    static final String FANOUT = "/fanout";

    /** @throws IllegalArgumentException if an argument is unknown */
    static PeerOptions parse(String[] arguments) {
        int port = 0;
        String io = "nio";
        boolean tls = false;
        boolean attached = false;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--port" -> port = Integer.parseInt(arguments[++i]);
                case "--io" -> io = arguments[++i];
                case "--tls" -> tls = true;
                case "--attached" -> attached = true;
                default -> throw new IllegalArgumentException("unknown argument '" + arguments[i] + "'");
            }
        }
        return new PeerOptions(port, io, tls, attached);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Tells whoever started the peer that it listens, and ends it with them if that was asked for. */
    void listening(int actualPort) {
        System.out.println("listening " + actualPort);
        if (attached) {
            Thread watch = new Thread(PeerOptions::awaitEndOfInput, "attached");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is said there
            }
        } catch (IOException e) {
            // as good as the end
        }
        Runtime.getRuntime().halt(0);
    }
}
