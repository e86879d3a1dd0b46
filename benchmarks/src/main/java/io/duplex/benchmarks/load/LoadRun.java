package io.duplex.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One {@link Job}, on one thread. Its connections stay open until it is closed. */
final class LoadRun implements AutoCloseable {
    /** One read brings no more than this, plain or from TLS records. */
    private static final int INPUT_BYTES = 1 << 18;

    private static final int TURN_MILLIS = 20;
    private static final int OPENING_AT_A_TIME = 100;
    private static final long OPEN_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** A server that has answered the Close frame and does not end TCP is not waited for any longer. */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long MAX_LATENCY_NANOS = TimeUnit.HOURS.toNanos(1);

    private final Job job;
    private final Case what;
    private final Ring ring;
    private final InetSocketAddress server;
    private final Selector selector;
    private final TlsWire.@Nullable Scratch tls;
    private final @Nullable DeflatedEchoes deflated;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    private final List<Connection> connections = new ArrayList<>();
    private final Histogram latency = new Histogram(MAX_LATENCY_NANOS, 3);
    private final byte[] publication;
    private int open;
    private int sources;
    private long now;
    private boolean measuring;
    /** Echoes, deliveries or handshakes, from the beginning. */
    private long done;

    private long published;
    private long reaped;

    LoadRun(Job job) throws IOException {
        this.job = job;
        what = job.what();
        ring = new Ring(what);
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), job.port());
        selector = Selector.open();
        tls = what.tls() ? new TlsWire.Scratch() : null;
        deflated = what.deflate() ? new DeflatedEchoes() : null;
        publication = Content.BINARY.make(what.bytes(), new Random(1));
    }

    Case what() {
        return what;
    }

    Ring ring() {
        return ring;
    }

    String path() {
        return job.path();
    }

    InetSocketAddress server() {
        return server;
    }

    Selector selector() {
        return selector;
    }

    /** For the bytes of one read. */
    ByteBuffer input() {
        return input;
    }

    /** When the bytes at hand were read. */
    long now() {
        return now;
    }

    void tick() {
        now = System.nanoTime();
    }

    Wire wire(SocketChannel channel) throws IOException {
        return tls == null ? new Wire.Plain(channel) : new TlsWire(channel, tls);
    }

    /**
     * Where to connect from: addresses of the loopback network by turns, as one has too few ports for many handshakes.
     * {@code null}, the system's choice, where only one is set up.
     */
    @Nullable InetSocketAddress nextSource() throws UnknownHostException {
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
        if (!linux) {
            return null;
        }
        byte[] address = {127, 0, 1, (byte) (2 + sources++ % 200)};
        return new InetSocketAddress(InetAddress.getByAddress(address), 0);
    }

    /** Does the job. A fault of the server is told in the figures. */
    Figures run() throws IOException {
        try {
            return switch (what.work()) {
                case IDLE -> idle();
                case HANDSHAKE -> {
                    for (int i = 0; i < what.connections(); i++) {
                        connections.add(new Connection(this, null));
                    }
                    yield measure();
                }
                case ECHO, FANOUT -> {
                    openAll();
                    yield measure();
                }
            };
        } catch (LoadFailure e) {
            return Figures.failed(String.valueOf(e.getMessage()));
        }
    }

    private void openAll() throws IOException {
        long deadline = System.nanoTime() + OPEN_NANOS;
        while (open < what.connections()) {
            while (connections.size() < what.connections() && connections.size() - open < OPENING_AT_A_TIME) {
                connections.add(new Connection(this, connections.isEmpty() ? deflated : null));
            }
            turn(TURN_MILLIS);
            if (System.nanoTime() > deadline) {
                throw new LoadFailure("only " + open + " of " + what.connections() + " connections opened");
            }
        }
        if (what.work() == Case.Work.ECHO) {
            tick();
            for (Connection connection : connections) {
                connection.allow(what.inFlight());
                connection.flush();
            }
        }
    }

    private Figures measure() throws IOException {
        runFor(job.warmUpSeconds());
        long before = done;
        measuring = true;
        Usage from = Usage.now(job.pid());
        runFor(job.seconds());
        Usage to = Usage.now(job.pid());
        if (done == before) {
            throw new LoadFailure("nothing came back");
        }
        return figures(from, to, done - before, null);
    }

    private Figures idle() throws IOException {
        Long rss = Usage.rssBytes(job.pid());
        Usage from = Usage.now(job.pid());
        openAll();
        tick();
        for (int i = 0; i < connections.size(); i++) {
            connections.get(i).allow(1);
            connections.get(i).flush();
            if (i % OPENING_AT_A_TIME == 0) {
                turn(0);
            }
        }
        long deadline = System.nanoTime() + SETTLE_NANOS;
        while (done < what.connections()) {
            turn(TURN_MILLIS);
            if (System.nanoTime() > deadline) {
                throw new LoadFailure("only " + done + " connections echoed");
            }
        }
        runFor(job.seconds());
        Long grown = Usage.rssBytes(job.pid());
        Long each = rss == null || grown == null ? null : (grown - rss) / what.connections();
        return figures(from, Usage.now(job.pid()), what.connections(), each);
    }

    private Figures figures(Usage from, Usage to, long messages, @Nullable Long rssPerConnection) {
        double nanos = to.nanos() - from.nanos();
        double serverNanos = to.server() - from.server();
        double generatorNanos = to.generator() - from.generator();
        Long machineFrom = from.machine();
        Long machineTo = to.machine();
        Double foreign = machineFrom == null || machineTo == null
                ? null
                : Math.max(0, (machineTo - machineFrom - serverNanos - generatorNanos) / nanos);
        return new Figures(
                null,
                nanos / 1e9,
                messages,
                serverNanos / 1e3 / messages,
                latency.getValueAtPercentile(50) / 1e3,
                latency.getValueAtPercentile(99) / 1e3,
                latency.getValueAtPercentile(99.9) / 1e3,
                latency.getMaxValue() / 1e3,
                serverNanos / nanos,
                generatorNanos / nanos,
                foreign,
                Usage.rssBytes(job.pid()),
                rssPerConnection);
    }

    private void runFor(double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            if (what.work() == Case.Work.FANOUT) {
                publish();
            }
            turn(TURN_MILLIS);
            if (what.work() == Case.Work.HANDSHAKE) {
                reap();
            }
        }
    }

    private void turn(int millis) throws IOException {
        if (millis == 0) {
            selector.selectNow(this::ready);
        } else {
            selector.select(this::ready, millis);
        }
    }

    private void ready(SelectionKey key) {
        try {
            ((Connection) key.attachment()).ready();
        } catch (IOException e) {
            throw new LoadFailure("connection lost: " + e.getMessage());
        }
    }

    /** Keeps as many publications under way as the case wants. */
    private void publish() {
        while (published * what.connections() < done + (long) what.inFlight() * what.connections()) {
            ByteBuffer.wrap(publication).putLong(System.nanoTime());
            if (!connections.get(0).publish(publication)) {
                return;
            }
            published++;
        }
    }

    private void reap() throws IOException {
        long nanos = System.nanoTime();
        if (nanos - reaped < LINGER_NANOS / 10) {
            return;
        }
        reaped = nanos;
        for (Connection connection : connections) {
            if (connection.state() == Connection.State.CLOSING && nanos - connection.begunNanos() > LINGER_NANOS) {
                connection.again();
            }
        }
    }

    /** A connection's handshake is done. */
    void opened(Connection connection) {
        open++;
        if (what.work() == Case.Work.HANDSHAKE) {
            count(connection.begunNanos());
            connection.close();
        }
    }

    /** An echo has come whose message was allowed to leave then. */
    void echoed(long sinceNanos) {
        count(sinceNanos);
    }

    /** A publication that left then has come to one subscriber. */
    void delivered(long publishedNanos) {
        if (now - publishedNanos < 0 || now - publishedNanos > MAX_LATENCY_NANOS) {
            throw new LoadFailure("a delivery is not what was published");
        }
        count(publishedNanos);
    }

    private void count(long sinceNanos) {
        done++;
        if (measuring) {
            latency.recordValue(Math.min(now - sinceNanos, MAX_LATENCY_NANOS));
        }
    }

    /** Insists that the next bytes of the input are the payload's from that offset on. */
    void compare(ByteBuffer in, int bytes, ByteBuffer payload, long offset) {
        boolean same = offset + bytes <= payload.capacity()
                && in.slice(in.position(), bytes).equals(payload.slice((int) offset, bytes));
        if (!same) {
            throw new LoadFailure("an echo is not what was sent");
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
        if (deflated != null) {
            deflated.close();
        }
    }
}
