package io.duplex.testkit;

import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.Timeouts;
import io.duplex.connection.Topics;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.SimulatedLink.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A server and its clients in a world that one seed decides: what they do, when, and what the network makes of it. After each
 * step, all that connections promise is checked: each message arrives once, unchanged and in order; none is lost before an
 * orderly close; {@link io.duplex.WebSocket#bufferedAmount} is exact; queues keep to their limit; callbacks do not overlap and
 * end with one onClose, whose code is legal; and at the end all memory and all timers are given back.
 */
final class Simulation {
    private static final Kind[] KINDS = Kind.values();
    private static final int MAX_LINKS = 12;
    private static final int MAX_MESSAGE_BYTES = 70_000;
    private static final int MAX_QUEUE_BYTES = 256 << 10;
    /** Beyond the transport's mark, from which nothing is taken back. */
    private static final int SHORT_QUEUE_BYTES = 80 << 10;
    /** A message that is accepted may go beyond the limit: by its own length and what the engine adds. */
    private static final int QUEUE_OVERRUN_BYTES = MAX_MESSAGE_BYTES + (16 << 10);
    /** More than any time-out that is set, together. */
    private static final Duration LONG = Duration.ofMinutes(3);

    private final SplittableRandom random;
    private final VirtualLoop loop = new VirtualLoop();
    private final Map<Kind, MemoryNetwork> networks = new EnumMap<>(Kind.class);
    private final List<SimulatedLink> links = new ArrayList<>();
    private int steps;
    private int faults;
    private long messages;
    private long connections;
    private int digest;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
        Topics topics = new Topics();
        Limits limits = Limits.builder().maxQueueBytes(MAX_QUEUE_BYTES).build();
        for (Kind kind : Kind.values()) {
            networks.put(kind, new MemoryNetwork(loop, topics).limits(limits));
        }
        network(Kind.PLAIN)
                .timeouts(Timeouts.builder().pingInterval(Duration.ZERO).build());
        network(Kind.DROP_OLDEST).limits(dropping(SendPolicy.dropOldest()));
        network(Kind.DROP_NEWEST).limits(dropping(SendPolicy.dropNewest()));
        network(Kind.DEFLATE)
                .compression(PermessageDeflate.builder().thresholdBytes(100).build());
        network(Kind.CONTEXT)
                .compression(PermessageDeflate.builder()
                        .serverNoContextTakeover(false)
                        .thresholdBytes(0)
                        .build());
    }

    private static Limits dropping(SendPolicy policy) {
        return Limits.builder()
                .maxQueueBytes(SHORT_QUEUE_BYTES)
                .sendPolicy(policy)
                .build();
    }

    private MemoryNetwork network(Kind kind) {
        return networks.get(kind);
    }

    /** A message's length: mostly short, seldom more than a read takes. */
    static int length(SplittableRandom random) {
        return switch (random.nextInt(100)) {
            case 0 -> random.nextInt(MAX_MESSAGE_BYTES);
            case 1, 2, 3 -> 120 + random.nextInt(12);
            case 4, 5, 6, 7, 8, 9 -> random.nextInt(5000);
            default -> random.nextInt(200);
        };
    }

    /** Takes so many steps, then lets all come to an end. */
    void run(int count) {
        for (int i = 0; i < count; i++) {
            steps++;
            step();
            for (SimulatedLink link : links) {
                int maxQueueBytes = link.kind.mayDrop() ? SHORT_QUEUE_BYTES : MAX_QUEUE_BYTES;
                link.client.check(link.kind == Kind.PLAIN, maxQueueBytes + QUEUE_OVERRUN_BYTES);
                link.server.check(link.kind == Kind.PLAIN, maxQueueBytes + QUEUE_OVERRUN_BYTES);
            }
            checkFaults();
        }
        end();
    }

    private void step() {
        if (links.size() < MAX_LINKS && (links.isEmpty() || random.nextInt(10) == 0)) {
            connect();
        } else {
            act(links.get(random.nextInt(links.size())));
        }
        loop.run();
        links.removeIf(SimulatedLink::isEnded);
        digest = 31 * digest + links.size();
    }

    private void connect() {
        Kind kind = KINDS[random.nextInt(KINDS.length)];
        SimulatedSide client = new SimulatedSide(this, random, true, kind.mayDrop());
        SimulatedSide server = new SimulatedSide(this, random, false, kind.mayDrop());
        SimulatedLink link =
                new SimulatedLink(kind, client, server, network(kind).connect(client, server));
        link.spoil(random);
        links.add(link);
        connections++;
    }

    private void act(SimulatedLink link) {
        SimulatedSide side = link.side(random);
        switch (random.nextInt(40)) {
            case 0, 1, 2 -> loop.elsewhere(side::send);
            case 3, 4 -> side.sendPart();
            case 5 -> side.pause();
            case 6, 7 -> side.resume();
            case 8 -> link.pipes()[random.nextInt(2)].hold();
            case 9, 10 -> release(link);
            case 11, 12 -> link.server.broadcast(random.nextInt(SimulatedSide.TOPICS));
            case 13, 14 -> link.server.subscribe(random.nextInt(SimulatedSide.TOPICS));
            case 15 -> ping(link, side);
            case 16 -> seldom(link, side);
            case 17 -> {
                for (int i = random.nextInt(50); i > 0; i--) {
                    side.send();
                }
            }
            case 18, 19, 20, 21, 22, 23, 24, 25 -> loop.pass(time());
            default -> side.send();
        }
    }

    private Duration time() {
        return switch (random.nextInt(500)) {
            case 0 -> Duration.ofSeconds(random.nextInt(60));
            case 1, 2, 3, 4, 5 -> Duration.ofMillis(random.nextInt(3000));
            default -> Duration.ofMillis(random.nextInt(40));
        };
    }

    private void release(SimulatedLink link) {
        if (!link.isSilenced()) {
            link.pipes()[random.nextInt(2)].release();
        }
    }

    private static void ping(SimulatedLink link, SimulatedSide side) {
        if (link.kind != Kind.PLAIN) {
            side.ping();
        }
    }

    /** What ends a connection, each in its way. */
    private void seldom(SimulatedLink link, SimulatedSide side) {
        switch (random.nextInt(30)) {
            case 0, 1 -> side.close();
            case 2 -> loop.elsewhere(side::close);
            case 3 -> side.abort();
            case 4 -> loop.elsewhere(side::abort);
            case 5 -> link.cut();
            case 6 -> link.silence();
            default -> side.send();
        }
    }

    /** Lets the network and all sides go free, and sees that all has arrived; then closes, and sees that nothing is left. */
    private void end() {
        for (SimulatedLink link : links) {
            link.client.endParts();
            link.server.endParts();
        }
        settle();
        for (SimulatedLink link : links) {
            if (!link.isSilenced()) {
                link.client.checkArrived();
                link.server.checkArrived();
                link.side(random).close();
            } else if (link.kind == Kind.PLAIN) {
                link.cut();
            }
        }
        settle();
        links.removeIf(SimulatedLink::isEnded);
        require(links.isEmpty(), links.size() + " connections have not ended");
        loop.shared().workspace().close();
        require(loop.lentBuffers() == 0, loop.lentBuffers() + " buffers were not given back");
        require(loop.shared().timers().size() == 0, loop.shared().timers().size() + " timers are left");
        checkFaults();
    }

    private void settle() {
        for (int i = 0; i < 40; i++) {
            for (SimulatedLink link : links) {
                if (!link.isSilenced()) {
                    link.pipes()[0].release();
                    link.pipes()[1].release();
                }
                link.client.resume();
                link.server.resume();
            }
            loop.pass(LONG.dividedBy(20));
        }
    }

    private void checkFaults() {
        int seen = 0;
        for (MemoryNetwork network : networks.values()) {
            for (Throwable fault : network.faults()) {
                if (fault instanceof AssertionError broken) {
                    throw broken;
                }
                seen++;
            }
        }
        require(seen == faults, seen + " handlers threw, not " + faults);
    }

    private static void require(boolean rule, String otherwise) {
        if (!rule) {
            throw new AssertionError(otherwise);
        }
    }

    // What sides tell

    void expectPublished(int topic, boolean isText, byte fill, int length) {
        for (SimulatedLink link : links) {
            link.server.expectPublished(topic, isText, fill, length);
        }
    }

    void expectFault() {
        faults++;
    }

    /** Something came about that depends on all that went before. */
    void note(int what) {
        messages++;
        digest = 31 * digest + what;
    }

    // What came of it

    int steps() {
        return steps;
    }

    /** Messages that arrived, and connections that ended. */
    long events() {
        return messages;
    }

    long connections() {
        return connections;
    }

    /** Two runs in which the same happened have the same. */
    int digest() {
        return digest;
    }
}
