package io.duplex.polling;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.polling.ClientWire.Answer;
import io.duplex.polling.ClientWires.Requests;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client of sessions over HTTP on real sockets that sends and checks {@link NumberedMessages}. It repeats what the network
 * breaks, as it was, and some of what was answered, at once and late. One thread sends. Another receives over the carrier that
 * is in use; when the session moves, the one of the carrier before goes on with what is under way there.
 */
final class SocketClient implements AutoCloseable {
    private static final String CONTENT_TYPE = "Content-Type: application/octet-stream\r\n";
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int BLOCK_PACKETS = 250;
    /** What may be under way: more than the bytes after which a carrier acknowledges without being asked. */
    private static final int WINDOW_PACKETS = 8_000;

    private static final int PACKET_BYTES = 32;
    /** Of a stream, at the latest; whenever nothing more has come, too. */
    private static final int ACK_BYTES = 16 << 10;
    /** Of so many that were answered, one is sent again; of more, one from before. */
    private static final int REPEATED_EACH = 7;

    private static final int LATE_EACH = 11;
    /** Within this something moves, or never will. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);

    private final ClientWires wires;
    private final String path;
    private final long total;
    private final String id;
    private final NumberedMessages incoming;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "socket-client");
        thread.setDaemon(true);
        return thread;
    });

    private int openings;

    // Guarded by this

    private final Deque<Packet> unacknowledged = new ArrayDeque<>();
    private long acknowledged;
    private long made;
    private long cursor;
    private long turn;
    private @Nullable Receiving receiving;
    private @Nullable Throwable fault;
    private long moves;

    private final AtomicLong repeats = new AtomicLong();

    /** Opens a session. */
    SocketClient(int port, String path, long total) throws IOException {
        this.wires = new ClientWires(port);
        this.path = path;
        this.total = total;
        this.incoming = new NumberedMessages(total);
        Answer opened = open();
        String description = StandardCharsets.UTF_8.decode(opened.body()).toString();
        if (opened.status() != 200) {
            throw new IOException("status " + opened.status() + " " + description);
        }
        this.id = description.replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
        threads.execute(() -> guarded(this::send));
    }

    /** Each time with another query: a request whose answer was lost has opened a session, too. */
    private Answer open() {
        Requests by = wires.requests(CONTENT_TYPE);
        while (true) {
            openings++;
            try {
                return by.once("POST", path + "?" + openingQuery(), NOTHING);
            } catch (IOException cut) {
                wires.countFailure();
            }
        }
    }

    /** The query of the request that opened the session. */
    String openingQuery() {
        return "opening=" + openings;
    }

    ClientWires wires() {
        return wires;
    }

    /** How many requests and blocks were sent again although they had arrived. */
    long repeats() {
        return repeats.get();
    }

    /** How often another carrier took over. */
    synchronized long moves() {
        return moves;
    }

    NumberedMessages incoming() {
        return incoming;
    }

    /** Whether all has come and gone, or something is wrong. */
    synchronized boolean isDone() {
        return fault != null || hasReceivedAll() && hasSentAll();
    }

    private boolean hasReceivedAll() {
        return incoming.received() >= total || !incoming.fault().isEmpty();
    }

    private boolean hasSentAll() {
        return made == total && unacknowledged.isEmpty();
    }

    private Requests requests() {
        return wires.requests(sessionFields());
    }

    private String sessionFields() {
        return "Duplex-Session: " + id + "\r\n" + CONTENT_TYPE;
    }

    // Moving

    /**
     * Has the session received over {@code via} from now on. Returns when {@code packets} more have come or were acknowledged, or
     * all is done.
     *
     * @param leaves whether this side breaks off what carried it before; if not, the server ends that
     */
    void receive(Via via, long packets, boolean leaves) throws InterruptedException {
        Receiving next = new Receiving(via);
        Receiving before;
        synchronized (this) {
            before = receiving;
            receiving = next;
            moves += before == null ? 0 : 1;
            notifyAll();
        }
        threads.execute(() -> guarded(next::run));
        if (before != null && leaves) {
            before.leave();
        }
        awaitProgress(packets);
    }

    private synchronized void awaitProgress(long packets) throws InterruptedException {
        long start = progress();
        long seen = start;
        long seenNanos = System.nanoTime();
        while (!isDone() && progress() - start < packets) {
            long now = System.nanoTime();
            if (progress() != seen) {
                seen = progress();
                seenNanos = now;
            } else if (now - seenNanos > PATIENCE_NANOS) {
                fail(new IllegalStateException("nothing moves: " + state()));
            }
            wait(100);
        }
        requireSound();
    }

    private synchronized void requireSound() {
        if (fault != null) {
            throw new AssertionError("the client failed: " + state(), fault);
        }
    }

    private long progress() {
        return cursor + acknowledged;
    }

    private synchronized String state() {
        return "received " + cursor + ", made " + made + ", acknowledged " + acknowledged + ", turn " + turn + ", over "
                + (receiving == null ? "nothing" : receiving.via);
    }

    /** Closes the session; returns when the server has answered. */
    void finish() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(2 * Long.BYTES + PACKET_BYTES);
        synchronized (this) {
            requireSound();
            receiving = null;
            notifyAll();
            block.putLong(cursor).putLong(acknowledged + 1);
        }
        Packet.close(CloseStatus.of(CloseCode.NORMAL)).writeTo(block);
        requests().untilAnswered("POST", path, block.flip());
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (Throwable thrown) {
            if (!wires.isClosed()) {
                fail(thrown);
            }
        }
    }

    private synchronized void fail(Throwable why) {
        if (fault == null) {
            fault = why;
        }
        notifyAll();
    }

    /** Leaves all connections; the session is the server's to end. */
    @Override
    public void close() {
        wires.close();
        threads.shutdownNow();
    }

    private void post(Requests by, ByteBuffer block) throws IOException {
        Answer answer = by.untilAnswered("POST", path, block);
        if (answer.status() != 200) {
            throw new IllegalStateException("status " + answer.status() + " of a POST, " + state());
        }
        takeBlock(answer.body());
    }

    // Receiving

    private synchronized void takeBlock(ByteBuffer in) {
        acknowledge(in.getLong());
        long number = in.getLong();
        for (; in.hasRemaining(); number++) {
            Kind kind = Kind.of(in.get());
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            take(number, kind, payload);
        }
        notifyAll();
    }

    private synchronized void take(long number, @Nullable Kind kind, byte[] payload) {
        if (number <= cursor) {
            return;
        }
        if (number != cursor + 1) {
            throw new IllegalStateException("packet " + number + " behind " + cursor);
        }
        cursor = number;
        if (kind == Kind.TEXT || kind == Kind.BINARY) {
            incoming.take(new String(payload, StandardCharsets.UTF_8), kind == Kind.BINARY);
        } else if (kind == Kind.PING) {
            unacknowledged.add(new Packet(Kind.PONG, ByteBuffer.wrap(payload)));
        } else if (kind != Kind.CLOSE || receiving != null) {
            throw new IllegalStateException("packet " + number + " is " + kind);
        }
        if (hasReceivedAll()) {
            notifyAll();
        }
    }

    private void acknowledge(long number) {
        for (; acknowledged < number; acknowledged++) {
            unacknowledged.remove();
        }
    }

    /** Receives over connections of one kind, one after another as the network cuts them, until the session moves on. */
    private final class Receiving {
        private final Via via;
        private final Requests polls = requests();
        private final Requests acks = requests();
        /** A stream, or a WebSocket connection. */
        private volatile @Nullable ClientWire wire;

        private @Nullable String unanswered;
        private @Nullable String late;
        private int polled;
        private boolean told;

        // Guarded by the client

        /** A WebSocket connection that has shown to work. */
        private @Nullable ClientWire carrier;
        /** The last packet that was sent over it. */
        private long sent;

        Receiving(Via via) {
            this.via = via;
        }

        void run() throws IOException, InterruptedException {
            try {
                while (goesOn()) {
                    try {
                        switch (via) {
                            case POLL, LONG -> poll();
                            case SSE -> stream();
                            case WEBSOCKET -> carry();
                        }
                    } catch (IOException broken) {
                        wires.countFailure();
                    }
                }
            } finally {
                polls.leave();
                acks.leave();
            }
        }

        /** Waits while there is nothing to come, which the server is told once; a WebSocket is to send over, too. */
        private boolean goesOn() throws IOException, InterruptedException {
            if (via != Via.WEBSOCKET && isSated() && !told) {
                told = true;
                post(acks, block(Long.MAX_VALUE));
            }
            synchronized (SocketClient.this) {
                while (isCurrent() && !isDone() && via != Via.WEBSOCKET && isSated()) {
                    SocketClient.this.wait();
                }
                return isCurrent() && !isDone();
            }
        }

        private boolean isSated() {
            synchronized (SocketClient.this) {
                return hasReceivedAll();
            }
        }

        private boolean isCurrent() {
            synchronized (SocketClient.this) {
                return receiving == this;
            }
        }

        /** Breaks off what is under way. */
        void leave() {
            polls.leave();
            ClientWire present = wire;
            if (present != null) {
                wires.leave(present);
            }
        }

        /** Where the session is, with the highest turn; {@code null} once that is another's. */
        private @Nullable String position() {
            synchronized (SocketClient.this) {
                if (!isCurrent()) {
                    return null;
                }
                turn++;
                return "after=" + cursor + "&turn=" + turn;
            }
        }

        private ClientWire connectAnew() throws IOException {
            wires.countRequest();
            ClientWire next = wires.connect();
            wire = next;
            return next;
        }

        private void poll() throws IOException {
            String target = unanswered;
            if (target == null) {
                String position = position();
                if (position == null) {
                    return;
                }
                target = path + "?via=" + via.token() + "&" + position;
                unanswered = target;
            }
            takeAnswer(polls.once("GET", target, NOTHING), false);
            unanswered = null;
            polled++;
            if (polled % REPEATED_EACH == 0) {
                late = target;
                repeat(target);
            } else if (polled % LATE_EACH == 0 && late != null) {
                repeat(late);
            }
        }

        /** Where nothing more will come, a poll would be held. */
        private void repeat(String target) throws IOException {
            if (!isSated()) {
                repeats.incrementAndGet();
                takeAnswer(polls.once("GET", target, NOTHING), true);
            }
        }

        /** @param mayBeOld whether there may have been another request since */
        private void takeAnswer(Answer answer, boolean mayBeOld) {
            if (answer.status() == 200) {
                takeBlock(answer.body());
            } else if (answer.status() != 409 || isCurrent() && !mayBeOld) {
                throw new IllegalStateException("status " + answer.status() + " of a poll, " + state());
            }
        }

        private void stream() throws IOException {
            ClientWire stream = connectAnew();
            try {
                String position = position();
                if (position == null) {
                    return;
                }
                stream.request("GET", path + "?via=sse&" + position, sessionFields(), NOTHING);
                int status = stream.head().status();
                if (status == 409 && !isCurrent()) {
                    return;
                } else if (status != 200) {
                    throw new IllegalStateException("status " + status + " of a stream, " + state());
                }
                readEvents(stream);
            } finally {
                wires.leave(stream);
            }
        }

        private void readEvents(ClientWire stream) throws IOException {
            long number = 0;
            int unread = 0;
            for (String line; (line = stream.lineOfChunks()) != null; ) {
                if (line.startsWith("id: ")) {
                    number = Long.parseLong(line.substring(4));
                } else if (line.startsWith("data: ") && number > 0) {
                    byte[] payload = line.charAt(6) == 't'
                            ? line.substring(7).getBytes(StandardCharsets.UTF_8)
                            : Base64.getDecoder().decode(line.substring(7));
                    take(number, Kind.of((byte) line.charAt(6)), payload);
                    number = 0;
                    unread += payload.length;
                } else if (line.isEmpty() && unread > 0 && (unread >= ACK_BYTES || stream.isDrained())) {
                    unread = 0;
                    post(acks, block(Long.MAX_VALUE));
                }
            }
        }

        private void carry() throws IOException {
            ClientWire socket = connectAnew();
            try {
                String position = position();
                if (position == null) {
                    return;
                }
                socket.upgrade(path + "/carrier?" + position, "duplex.session.1, " + id);
                while (true) {
                    ByteBuffer block = socket.message();
                    boolean hasPackets = block.remaining() > Block.HEADER_BYTES;
                    takeBlock(block);
                    synchronized (SocketClient.this) {
                        if (carrier == null) {
                            carrier = socket;
                            sent = acknowledged;
                            SocketClient.this.notifyAll();
                        }
                    }
                    if (hasPackets) {
                        socket.send(block(Long.MAX_VALUE));
                    }
                }
            } catch (ClientWire.ClosedByServer ended) {
                if (isCurrent() && ended.code() != CloseCode.TRY_AGAIN_LATER) {
                    throw new IllegalStateException("the carrier was " + ended.getMessage() + ", " + state(), ended);
                }
            } finally {
                synchronized (SocketClient.this) {
                    carrier = null;
                }
                wires.leave(socket);
            }
        }

        /** Whether there is something to send, and a way. */
        private boolean canSend() {
            if (via != Via.WEBSOCKET) {
                return !unacknowledged.isEmpty();
            }
            return carrier != null && Math.max(sent, acknowledged) < lastMade();
        }
    }

    // Sending

    private long lastMade() {
        return acknowledged + unacknowledged.size();
    }

    /** Sends what there is, in turns, until all of it is acknowledged. */
    private void send() throws IOException, InterruptedException {
        Requests posts = requests();
        ByteBuffer late = null;
        for (long blocks = 1; ; blocks++) {
            ClientWire carrier;
            ByteBuffer block;
            ByteBuffer again = null;
            synchronized (this) {
                Receiving by = awaitWork();
                if (by == null) {
                    return;
                }
                carrier = by.carrier;
                if (carrier == null) {
                    block = block(acknowledged);
                } else {
                    long after = Math.max(by.sent, acknowledged);
                    block = block(after);
                    by.sent = Math.min(after + BLOCK_PACKETS, lastMade());
                }
                if (blocks % REPEATED_EACH == 0) {
                    again = block;
                    late = block;
                } else if (blocks % LATE_EACH == 0 && late != null && late.getLong(Long.BYTES) <= acknowledged + 1) {
                    again = late;
                }
            }
            give(carrier, posts, block);
            if (again != null) {
                repeats.incrementAndGet();
                give(carrier, posts, again);
            }
        }
    }

    private void give(@Nullable ClientWire carrier, Requests posts, ByteBuffer block) throws IOException {
        if (carrier == null) {
            post(posts, block);
            return;
        }
        try {
            carrier.send(block);
        } catch (IOException broken) {
            carrier.close(); // which its own thread sees, too
        }
    }

    /** Waits for something to send; {@code null} if there will be nothing. */
    private synchronized @Nullable Receiving awaitWork() throws InterruptedException {
        while (!isDone()) {
            while (made < total && unacknowledged.size() < WINDOW_PACKETS) {
                ByteBuffer number = StandardCharsets.UTF_8.encode(Long.toString(made));
                unacknowledged.add(new Packet(NumberedMessages.isBinary(made) ? Kind.BINARY : Kind.TEXT, number));
                made++;
            }
            Receiving by = receiving;
            if (by != null && by.canSend()) {
                return by;
            }
            wait();
        }
        return null;
    }

    /** What follows the packet of that number; an acknowledgement if nothing does. */
    private synchronized ByteBuffer block(long after) {
        ByteBuffer out = ByteBuffer.allocate(2 * Long.BYTES + PACKET_BYTES * BLOCK_PACKETS);
        long behind = Math.min(after, lastMade());
        out.putLong(cursor).putLong(behind + 1);
        Iterator<Packet> packets =
                unacknowledged.stream().skip(behind - acknowledged).iterator();
        for (int i = 0; i < BLOCK_PACKETS && packets.hasNext(); i++) {
            packets.next().writeTo(out);
        }
        return out.flip();
    }
}
