package io.duplex.testkit;

import java.time.Duration;
import java.util.SplittableRandom;

/** A connection of a {@link Simulation}, with the network between its ends. */
final class SimulatedLink {
    /** How a connection was set up. */
    enum Kind {
        /** Neither compression nor keepalive, so that each byte is known. */
        PLAIN,
        /** Compression of each message by itself, and all timeouts. */
        DEFLATE,
        /** Compression with context on both sides, and all timeouts. */
        CONTEXT,
        /** A short queue that leaves out what waits longest when it is full. */
        DROP_OLDEST,
        /** A short queue that leaves out what comes when it is full. */
        DROP_NEWEST;

        boolean mayDrop() {
            return this == DROP_OLDEST || this == DROP_NEWEST;
        }
    }

    final Kind kind;
    final SimulatedSide client;
    final SimulatedSide server;
    private final MemoryLink link;
    private boolean silenced;

    SimulatedLink(Kind kind, SimulatedSide client, SimulatedSide server, MemoryLink link) {
        this.kind = kind;
        this.client = client;
        this.server = server;
        this.link = link;
        client.joinTo(server, link.toServer());
        server.joinTo(client, link.toClient());
    }

    /** Gives the network its ways: how it splits, delays and holds. */
    void spoil(SplittableRandom random) {
        for (MemoryPipe pipe : pipes()) {
            int most = 1 << 4 + random.nextInt(13);
            int slowest = random.nextInt(3) * 30;
            pipe.readSizes(() -> 1 + random.nextInt(most))
                    .delays(() -> Duration.ofMillis(random.nextInt(slowest + 1)))
                    .capacity(500 + random.nextInt(100_000));
        }
    }

    MemoryPipe[] pipes() {
        return new MemoryPipe[] {link.toServer(), link.toClient()};
    }

    SimulatedSide side(SplittableRandom random) {
        return random.nextBoolean() ? client : server;
    }

    /** Nothing passes any more, and nobody is told. */
    void silence() {
        silenced = true;
        link.toServer().hold();
        link.toClient().hold();
    }

    boolean isSilenced() {
        return silenced;
    }

    void cut() {
        link.cut();
    }

    boolean isEnded() {
        return client.isEnded() && server.isEnded();
    }
}
