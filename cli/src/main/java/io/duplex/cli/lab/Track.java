package io.duplex.cli.lab;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.Polling;
import io.duplex.polling.Via;
import io.duplex.server.WebSocketServer;
import io.netty.channel.EventLoopGroup;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/** One way: a server of its own with one thread, whose processor time is therefore its own, and the relay before it. */
final class Track implements AutoCloseable {
    private static final String TOPIC = "events";
    private static final String PATH = "/events";

    private final Way way;
    private final WebSocketServer server;
    private final Relay relay;
    private final Counted polling;
    private final LongAdder upgrades = new LongAdder();
    private final LongAdder published = new LongAdder();
    private volatile long threadId;

    /**
     * Starts.
     *
     * @param origins that may come; none for programs
     */
    Track(Way way, Plan plan, EventLoopGroup group, InetAddress host, String... origins) {
        this.way = way;
        polling = new Counted(Polling.builder(handshake -> new Subscriber())
                .via(way.via() == Via.WEBSOCKET ? new Via[] {Via.LONG, Via.WEBSOCKET} : new Via[] {way.via()})
                .build());
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .host(host.getHostAddress())
                .port(0)
                .threads(1)
                .route(PATH, handshake -> {
                    upgrades.increment();
                    return new Subscriber();
                })
                .service(PATH + "/**", polling);
        if (origins.length > 0) {
            builder.allowedOrigins(origins);
        }
        server = builder.start();
        relay = new Relay(group, host, new InetSocketAddress(host, server.port()), plan.network());
    }

    /** Joins the topic. What a client sends is dropped. */
    private final class Subscriber implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            threadId = Thread.currentThread().getId();
            socket.subscribe(TOPIC);
        }
    }

    Way way() {
        return way;
    }

    /** Where clients connect: the relay's. */
    int port() {
        return relay.port();
    }

    String path() {
        return PATH;
    }

    void publish(String event) {
        published.increment();
        server.publish(TOPIC, event);
    }

    /** What has been counted up to now. */
    Costs costs() {
        return new Costs(
                polling.requests.sum() + upgrades.sum(),
                polling.emptyAnswers.sum(),
                relay.bytesUp(),
                relay.bytesDown(),
                relay.connections(),
                relay.openConnections(),
                cpuNanos(),
                published.sum());
    }

    /** Of the server's thread; -1 where the JVM does not tell. */
    private long cpuNanos() {
        return threadId == 0 ? 0 : ManagementFactory.getThreadMXBean().getThreadCpuTime(threadId);
    }

    @Override
    public void close() {
        relay.close();
        server.close();
    }
}
