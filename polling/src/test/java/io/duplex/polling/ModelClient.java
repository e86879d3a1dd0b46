package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A client as {@code docs/reference/polling-protocol.md} describes it, in a network that loses requests and answers, repeats them
 * and cuts streams, as chance has it. It sends and checks {@link NumberedMessages}. Confined to the test's thread.
 */
final class ModelClient {
    private static final String TYPE = "application/octet-stream";
    private static final int BATCH = 100;

    private final MemoryHost host;
    private final MemoryNetwork network;
    private final Polling polling;
    private final Random random;
    private final long total;
    /** Of 100 requests, streams or steps, how many go wrong in each way. */
    private final int faultPercent;

    private final String id;
    private final NumberedMessages incoming;
    private final Deque<Packet> unacknowledged = new ArrayDeque<>();
    private long acknowledged;
    private long made;
    private long cursor;
    private long turn;

    private @Nullable MemoryExchange held;
    private @Nullable MemoryExchange stream;
    private int streamRead;
    private @Nullable MemoryLink link;
    private @Nullable WebSocket carrier;
    private boolean carrierWorks;
    private long carrierSent;
    private int requests;
    private int faults;

    ModelClient(MemoryHost host, Polling polling, Random random, long total, int faultPercent) {
        this.host = host;
        this.network = new MemoryNetwork(host.loop());
        this.polling = polling;
        this.random = random;
        this.total = total;
        this.faultPercent = faultPercent;
        this.incoming = new NumberedMessages(total);
        this.id = serve("POST", "/", new byte[0]).text().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    NumberedMessages incoming() {
        return incoming;
    }

    boolean isDone() {
        return incoming.received() == total && acknowledged == total;
    }

    int requests() {
        return requests;
    }

    int faults() {
        return faults;
    }

    private boolean goesWrong() {
        boolean wrong = random.nextInt(100) < faultPercent;
        faults += wrong ? 1 : 0;
        return wrong;
    }

    private MemoryExchange serve(String method, String target, byte[] body) {
        requests++;
        List<String> fields = new ArrayList<>(List.of("Content-Type", TYPE));
        if (id != null) {
            fields.addAll(List.of("Duplex-Session", id));
        }
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), method, target, body, fields.toArray(String[]::new));
        polling.serve(exchange);
        host.loop().run();
        return exchange;
    }

    /** Receives and sends something. */
    void step(Via via) {
        receive(via);
        if (!carrierWorks) {
            post();
        } else {
            sendOnCarrier();
        }
        host.loop().run();
        assertThat(incoming.fault()).isEmpty();
    }

    private void receive(Via via) {
        if (via != Via.SSE) {
            stream = null;
        }
        if (via != Via.LONG) {
            held = null; // its answer, if one comes, is lost
        }
        if (via != Via.WEBSOCKET && link != null) {
            carrierWorks = false;
            carrier = null;
            if (random.nextBoolean()) {
                link.cut(); // or the server only learns of it by the next request
            }
            link = null;
        }
        switch (via) {
            case POLL -> poll();
            case LONG -> holdPoll();
            case SSE -> readStream();
            case WEBSOCKET -> useCarrier();
        }
    }

    // Polls

    private String get(String via) {
        turn++;
        return "/?via=" + via + "&after=" + cursor + "&turn=" + turn;
    }

    private void poll() {
        String target = get("poll");
        MemoryExchange answer = serve("GET", target, new byte[0]);
        if (goesWrong()) {
            answer = serve("GET", target, new byte[0]); // the first answer was lost, the client repeats it as it was
        } else if (goesWrong()) {
            return;
        }
        takeBlock(answer.content());
        if (goesWrong()) {
            takeBlock(answer.content()); // an answer that a proxy gave twice
        }
    }

    private void holdPoll() {
        MemoryExchange poll = held;
        if (poll == null) {
            poll = serve("GET", get("long"), new byte[0]);
            if (goesWrong()) {
                poll.cut();
                return;
            }
        }
        held = null;
        if (poll.isEnded()) {
            if (!goesWrong()) {
                takeBlock(poll.content());
            }
        } else if (!goesWrong()) {
            held = poll;
        }
    }

    private void takeBlock(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content);
        acknowledge(in.getLong());
        long number = in.getLong();
        for (; in.hasRemaining(); number++) {
            Kind kind = Kind.of(in.get());
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            take(number, kind, payload);
        }
    }

    private void take(long number, Kind kind, byte[] payload) {
        if (number <= cursor) {
            return;
        }
        if (number != cursor + 1) {
            throw new AssertionError("packet " + number + " came behind " + cursor);
        }
        cursor = number;
        if (kind == Kind.TEXT || kind == Kind.BINARY) {
            incoming.take(new String(payload, StandardCharsets.UTF_8), kind == Kind.BINARY);
        }
    }

    private void acknowledge(long number) {
        for (; acknowledged < number; acknowledged++) {
            unacknowledged.remove();
        }
    }

    // Sending

    private void make() {
        while (made < total && unacknowledged.size() < BATCH) {
            ByteBuffer number = StandardCharsets.UTF_8.encode(Long.toString(made));
            unacknowledged.add(new Packet(NumberedMessages.isBinary(made) ? Kind.BINARY : Kind.TEXT, number));
            made++;
        }
    }

    private byte[] block() {
        return block(acknowledged);
    }

    /** What follows the packet of that number. */
    private byte[] block(long after) {
        ByteBuffer out = ByteBuffer.allocate(16 + 32 * BATCH).putLong(cursor).putLong(after + 1);
        unacknowledged.stream().skip(after - acknowledged).forEach(packet -> packet.writeTo(out));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private void post() {
        make();
        byte[] block = block();
        if (goesWrong()) {
            return; // it was cut on its way
        }
        MemoryExchange answer = serve("POST", "/", block);
        if (goesWrong()) {
            return; // its answer was
        }
        if (goesWrong()) {
            answer = serve("POST", "/", block);
        }
        if (answer.isEnded()) {
            assertThat(answer.status()).isEqualTo(200);
            takeBlock(answer.content());
        }
    }

    // The stream

    private void readStream() {
        if (stream == null) {
            stream = serve("GET", get("sse"), new byte[0]);
            streamRead = 0;
        }
        String all = stream.text();
        int end = all.lastIndexOf("\n\n") + 2;
        boolean isCut = goesWrong();
        if (isCut) {
            // What was on its way is lost from some event on.
            end = all.indexOf("\n\n", streamRead + random.nextInt(Math.max(1, end - streamRead))) + 2;
        }
        if (end > streamRead) {
            for (String event : all.substring(streamRead, end).split("\n\n", -1)) {
                takeEvent(event);
            }
            streamRead = end;
        }
        if (isCut) {
            stream.cut();
            stream = null;
        } else if (stream.isEnded()) {
            stream = null;
        }
    }

    private void takeEvent(String event) {
        if (!event.startsWith("id: ")) {
            return;
        }
        int dataAt = event.indexOf("\ndata: ");
        long number = Long.parseLong(event.substring(4, dataAt));
        String data = event.substring(dataAt + 7);
        byte[] payload = data.charAt(0) == 't'
                ? data.substring(1).getBytes(StandardCharsets.UTF_8)
                : Base64.getDecoder().decode(data.substring(1));
        take(number, Kind.of((byte) data.charAt(0)), payload);
    }

    // The WebSocket carrier

    private void useCarrier() {
        if (link == null) {
            connect();
        } else if (goesWrong()) {
            link.cut();
            link = null;
            carrier = null;
            carrierWorks = false;
        }
    }

    private void connect() {
        String target = "/carrier?after=" + cursor + "&turn=" + ++turn;
        HeaderFields fields = HeaderFields.builder()
                .add("Host", "server.test")
                .add("Upgrade", "websocket")
                .add("Connection", "Upgrade")
                .add("Sec-WebSocket-Version", "13")
                .add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                .add("Sec-WebSocket-Protocol", "duplex.session.1, " + id)
                .build();
        RequestHead head = new RequestHead("GET", target, HttpVersion.HTTP_1_1, fields);
        Upgrade upgrade = polling.upgrade(new UpgradeRequest(
                        head, InetSocketAddress.createUnresolved("peer.test", 443), false, List.of()))
                .toCompletableFuture()
                .join();
        Upgrade.Accepted accepted = (Upgrade.Accepted) upgrade;
        link = network.connect(new CarrierEnd(), accepted.handler(), accepted.handshake());
        host.loop().run();
    }

    /** The client's end of a carrier. */
    private final class CarrierEnd implements WebSocketHandler {
        private @Nullable WebSocket opened;

        @Override
        public void onOpen(WebSocket socket) {
            opened = socket;
            carrier = socket;
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            if (carrier != opened) {
                return; // the client has left it
            }
            byte[] content = new byte[payload.remaining()];
            payload.get(content);
            takeBlock(content);
            if (!carrierWorks) {
                carrierWorks = true;
                carrierSent = acknowledged;
            }
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            if (carrier == opened) {
                carrier = null;
                carrierWorks = false;
                link = null;
            }
        }
    }

    private void sendOnCarrier() {
        make();
        WebSocket socket = carrier;
        if (socket != null) {
            carrierSent = Math.max(carrierSent, acknowledged);
            socket.send(ByteBuffer.wrap(block(carrierSent)));
            carrierSent = acknowledged + unacknowledged.size();
            host.loop().run();
            host.loop().pass(Duration.ofMillis(unacknowledged.size() == BATCH ? 1100 : 0));
        }
    }
}
