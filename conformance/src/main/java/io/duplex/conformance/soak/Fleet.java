package io.duplex.conformance.soak;

import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** All peers, whose number stays the same while each of them comes and goes. Confined to one thread. */
final class Fleet implements AutoCloseable {
    /** How a message of a topic begins; no other does. */
    static final byte PUBLICATION = '#';

    private static final int TOPICS = 20;
    private static final int SMALL_BYTES = 500;
    private static final int MEDIUM_BYTES = 8 << 10;
    private static final int BIG_BYTES = 256 << 10;
    private static final String WORDS =
            "{\"symbol\":\"DPX\",\"price\":101.25,\"size\":\"mittel\",\"bid\":[100.5,7],\"ask\":[101.5,12]},";

    private final SplittableRandom random = new SplittableRandom(7);
    private final byte[] text = WORDS.repeat(2 * BIG_BYTES / WORDS.length()).getBytes(StandardCharsets.US_ASCII);
    private final byte[] noise = new byte[MEDIUM_BYTES];
    private final long[] publications = new long[TOPICS];
    private final List<WebSocketClient> clients = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final Counters counters;
    private final ServerProcess server;
    private long messages;

    Fleet(ServerProcess server, Counters counters) {
        this.server = server;
        this.counters = counters;
        random.nextBytes(noise);
        WebSocketClient plain = WebSocketClient.builder()
                .compression(PermessageDeflate.DISABLED)
                .build();
        clients.add(plain);
        clients.add(WebSocketClient.builder().sharing(plain).build());
        clients.add(WebSocketClient.builder()
                .sharing(plain)
                .compression(PermessageDeflate.builder()
                        .serverNoContextTakeover(false)
                        .thresholdBytes(0)
                        .build())
                .build());
    }

    /** Adds a peer, which connects in its own time. */
    void add() {
        peers.add(connect());
    }

    private Peer connect() {
        int kind = random.nextInt(10);
        Peer.End end = kind < 6 ? Peer.End.CLOSE : kind < 8 ? Peer.End.SERVER_CLOSES : Peer.End.ABORT;
        Peer peer = new Peer(end, counters);
        String path = random.nextInt(10) == 0 ? "/blocking" : "/topic/" + random.nextInt(TOPICS);
        clients.get(random.nextInt(clients.size()))
                .connectAsync("ws://127.0.0.1:" + server.port() + path, peer)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        counters.failed.increment();
                        System.out.println("a connection was not made: " + failure);
                    }
                });
        return peer;
    }

    /** Ends one peer and puts a new one in its place. */
    void replaceOne() {
        int place = random.nextInt(peers.size());
        peers.get(place).end();
        peers.set(place, connect());
    }

    /** Has some peer send a message; 1 in 5 is binary, 1 in 50 of kilobytes, 1 in 10,000 of up to 256 KiB. */
    void sendOne() {
        boolean isText = random.nextInt(5) != 0;
        int luck = random.nextInt(10_000);
        int limit = luck == 0 ? BIG_BYTES : luck < 200 ? MEDIUM_BYTES : SMALL_BYTES;
        ByteBuffer content;
        if (isText) {
            // The number makes each message another.
            byte[] number = (messages++ + ":").getBytes(StandardCharsets.US_ASCII);
            content = ByteBuffer.allocate(number.length + random.nextInt(limit)).put(number);
            content.put(text, random.nextInt(WORDS.length()), content.remaining())
                    .flip();
        } else {
            int length = random.nextInt(Math.min(limit, noise.length));
            content = ByteBuffer.allocate(Long.BYTES + length)
                    .putLong(messages++)
                    .put(noise, 0, length)
                    .flip();
        }
        for (int tries = 0; tries < peers.size(); tries++) { // some are not open
            if (peers.get(random.nextInt(peers.size())).send(isText, content)) {
                return;
            }
        }
    }

    /** Publishes a message to one of the topics. */
    void publishOne() throws IOException {
        int topic = random.nextInt(TOPICS);
        server.publish(
                Integer.toString(topic),
                (char) PUBLICATION + "" + publications[topic]++ + " " + WORDS.repeat(random.nextInt(1, 40)));
    }

    /** Ends all peers; what is under way may come back first. */
    void endAll() {
        peers.forEach(Peer::end);
    }

    /** Counts anew, without the peers so far. */
    void forget() {
        peers.clear();
    }

    /** Whether all connections that were made are gone. */
    boolean isGone() {
        return counters.closed.sum() >= counters.opened.sum();
    }

    @Override
    public void close() {
        for (int i = clients.size() - 1; i >= 0; i--) {
            clients.get(i).close();
        }
    }
}
