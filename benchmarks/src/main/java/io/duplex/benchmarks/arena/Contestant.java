package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server of the arena.
 *
 * @param id what options and tables call it
 * @param title what it is, for the page
 * @param main its class in {@code io.duplex.benchmarks.peer}
 * @param arguments of its main
 * @param path where it echoes
 * @param bigPath where it echoes messages of more than 8 KiB
 */
record Contestant(
        String id, String title, String main, List<String> arguments, String path, String bigPath, Kind kind) {
    private static final String PEERS = "io.duplex.benchmarks.peer.";
    private static final int BIG_BYTES = 8192;
    private static final int STREAMED_BYTES = 1 << 16;

    /** The floor that all are compared with. */
    static final String FLOOR = "plain-nio";

    /** What makes a contestant's table rows differ from the others'. */
    enum Kind {
        FULL,
        /** Checks nothing: no compression, no TLS. */
        FLOOR,
        UNCOMPRESSED,
        /** Another path of a server that is there already, for text alone. */
        TEXT_ONLY,
        /** Another path of a server that is there already, for large messages alone. */
        LARGE_ONLY
    }

    /** All, ours first. */
    static final List<Contestant> ALL = List.of(
            duplex("duplex", "Duplex, epoll", "epoll", "/echo", Kind.FULL),
            duplex("duplex-nio", "Duplex, NIO", "nio", "/echo", Kind.FULL),
            duplex("duplex-io_uring", "Duplex, io_uring", "io_uring", "/echo", Kind.FULL),
            duplex("duplex-string", "Duplex, epoll, handler of strings", "epoll", "/string", Kind.TEXT_ONLY),
            duplex("duplex-streamed", "Duplex, epoll, handler of parts", "epoll", "/streamed", Kind.LARGE_ONLY),
            peer(FLOOR, "plain NIO, which checks nothing", "PlainNio", Kind.FLOOR),
            netty("epoll"),
            netty("nio"),
            netty("io_uring"),
            peer("reactor-netty", "Reactor Netty", "ReactorNettyEcho", Kind.FULL),
            peer("vertx", "Vert.x", "VertxEcho", Kind.FULL),
            peer("undertow", "Undertow", "UndertowEcho", Kind.FULL),
            peer("jetty", "Jetty", "JettyEcho", Kind.FULL),
            new Contestant("tomcat", "Tomcat", PEERS + "TomcatEcho", List.of(), "/echo", "/big", Kind.FULL),
            new Contestant(
                    "tomcat-duplex",
                    "Tomcat with Duplex for its WebSocket",
                    PEERS + "TomcatDuplexEcho",
                    List.of(),
                    "/echo",
                    "/big",
                    Kind.FULL),
            peer("java-websocket", "Java-WebSocket", "JavaWebSocketEcho", Kind.FULL),
            peer("helidon", "Helidon", "HelidonEcho", Kind.UNCOMPRESSED));

    private static Contestant duplex(String id, String title, String io, String path, Kind kind) {
        return new Contestant(id, title, PEERS + "DuplexEcho", List.of("--io", io), path, path, kind);
    }

    private static Contestant netty(String io) {
        return new Contestant(
                "netty-" + io,
                "Netty's codec, " + io,
                PEERS + "NettyEcho",
                List.of("--io", io),
                "/echo",
                "/echo",
                Kind.FULL);
    }

    private static Contestant peer(String id, String title, String main, Kind kind) {
        return new Contestant(id, title, PEERS + main, List.of(), "/echo", "/echo", kind);
    }

    /** @throws IllegalArgumentException if there is none of that name */
    static Contestant of(String id) {
        return ALL.stream()
                .filter(one -> one.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no server '" + id + "', choose from "
                        + String.join(", ", ALL.stream().map(Contestant::id).toList())));
    }

    /** Where this work goes. */
    String pathOf(Case what) {
        return what.work() == Case.Work.FANOUT ? "/fanout" : what.bytes() > BIG_BYTES ? bigPath : path;
    }

    /** Why it has no figures for this work: words for the table, empty if there is nothing to say; {@code null} if it takes it. */
    @Nullable String refuses(Case what) {
        boolean echo = what.work() == Case.Work.ECHO;
        return switch (kind) {
            case FULL -> null;
            case FLOOR -> what.deflate() ? "does not compress" : what.tls() ? "no TLS" : null;
            case UNCOMPRESSED -> what.deflate() ? "does not compress" : null;
            case TEXT_ONLY -> echo && what.content().isText() ? null : "";
            case LARGE_ONLY -> echo && what.bytes() >= STREAMED_BYTES ? null : "";
        };
    }

    /** Why it cannot run here; {@code null} if it can. */
    @Nullable String missing() {
        String file = main.replace('.', '/') + ".class";
        if (getClass().getClassLoader().getResource(file) == null) {
            return "needs a build on JDK 21 or later";
        }
        return null;
    }
}
