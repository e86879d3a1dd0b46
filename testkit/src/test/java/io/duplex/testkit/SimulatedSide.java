package io.duplex.testkit;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * One end of a connection in a {@link Simulation}: does anything at any time, knows what the other end must get for it, and
 * checks what it gets itself.
 */
final class SimulatedSide implements WebSocketHandler {
    static final int TOPICS = 4;
    private static final int MASK_BYTES = 4;

    private final Simulation simulation;
    private final SplittableRandom random;
    private final boolean isClient;
    private final boolean mayDrop;
    private final boolean[] subscribed = new boolean[TOPICS];

    /** What was accepted from this side, and from topics for it, and has not arrived yet, in order. */
    private final Deque<Sent> underWay = new ArrayDeque<>();

    private SimulatedSide other;
    private MemoryPipe out;
    private WebSocket socket;
    private Sent parts;
    private long number;
    /** Bytes of frames that were accepted. */
    private long acceptedBytes;

    /** Messages that were left out, as the other end sees it, and as this one was told. */
    private long missing;

    private long dropped;
    /** Whether some of them may have been given up with a message of parts. */
    private boolean isDroppedUnknown;

    private boolean inCallback;
    private boolean isOpened;
    private CloseOutcome outcome;

    /** A message: what of it can be seen when it arrives. */
    private static final class Sent {
        private final boolean isText;
        private final byte fill;
        private int length;

        Sent(boolean isText, byte fill) {
            this.isText = isText;
            this.fill = fill;
        }

        boolean isSeenAs(boolean text, ByteBuffer content) {
            boolean same = isText == text && length == content.remaining();
            for (int i = content.position(); same && i < content.limit(); i++) {
                same = content.get(i) == fill;
            }
            return same;
        }

        @Override
        public String toString() {
            return (isText ? "text" : "binary") + " of " + length + " times " + (char) fill;
        }
    }

    /** @param mayDrop whether messages are left out when its queue is full, rather than the connection closed */
    SimulatedSide(Simulation simulation, SplittableRandom random, boolean isClient, boolean mayDrop) {
        this.simulation = simulation;
        this.random = random;
        this.isClient = isClient;
        this.mayDrop = mayDrop;
    }

    void joinTo(SimulatedSide peer, MemoryPipe outgoing) {
        other = peer;
        out = outgoing;
    }

    // What the simulation lets it do

    /** Sends one message, from the loop or from elsewhere. */
    void send() {
        if (!takesMessages()) {
            return;
        }
        Sent message = next(random.nextInt(3) == 0);
        ByteBuffer content = content(message, Simulation.length(random));
        SendStatus status;
        if (!message.isText) {
            status = socket.send(content);
        } else if (random.nextBoolean()) {
            status = socket.sendText(content);
        } else {
            status = socket.send(StandardCharsets.US_ASCII.decode(content).toString());
        }
        if (status != SendStatus.REFUSED || mayDrop && takesMessages()) {
            accept(message, message.length);
        }
    }

    /** Begins a message of parts, or goes on with it, or ends it. */
    void sendPart() {
        if (!takesMessages()) {
            return;
        }
        boolean begins = parts == null;
        Sent message = begins ? next(random.nextBoolean()) : parts;
        boolean last = random.nextInt(3) == 0;
        ByteBuffer content = content(message, random.nextInt(500));
        int length = content.remaining();
        SendStatus status = message.isText ? socket.sendTextPart(content, last) : socket.sendBinaryPart(content, last);
        if (status != SendStatus.REFUSED) {
            if (begins) {
                underWay.add(message);
            }
            acceptedBytes += frameBytes(length);
            parts = last ? null : message;
        }
    }

    void endParts() {
        while (parts != null && takesMessages()) {
            sendPart();
        }
    }

    private Sent next(boolean isText) {
        return new Sent(isText, (byte) ('a' + number++ % 26));
    }

    private static ByteBuffer content(Sent message, int length) {
        message.length += length;
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, message.fill);
        return ByteBuffer.wrap(bytes);
    }

    private void accept(Sent message, int length) {
        underWay.add(message);
        acceptedBytes += frameBytes(length);
    }

    private int frameBytes(int length) {
        int header = length < 126 ? 2 : length < 1 << 16 ? 4 : 10;
        return header + length + (isClient ? MASK_BYTES : 0);
    }

    void subscribe(int topic) {
        if (takesMessages()) {
            subscribed[topic] = !subscribed[topic];
            if (subscribed[topic]) {
                socket.subscribe("topic " + topic);
            } else {
                socket.unsubscribe("topic " + topic);
            }
        }
    }

    /** Publishes to all members, itself included. */
    void broadcast(int topic) {
        if (takesMessages()) {
            Sent message = next(random.nextBoolean());
            ByteBuffer content = content(message, Simulation.length(random));
            // First: it is sent to members in the midst of the call, if they are on this loop.
            simulation.expectPublished(topic, message.isText, message.fill, message.length);
            if (message.isText) {
                socket.broadcastText("topic " + topic, content);
            } else {
                socket.broadcast("topic " + topic, content);
            }
        }
    }

    /** A topic brings something. */
    void expectPublished(int topic, boolean isText, byte fill, int length) {
        if (subscribed[topic] && takesMessages()) {
            Sent message = new Sent(isText, fill);
            message.length = length;
            accept(message, length);
        }
    }

    void ping() {
        if (takesMessages()) {
            socket.ping(ByteBuffer.allocate(random.nextInt(126)));
        }
    }

    void close() {
        if (takesMessages()) {
            abandonParts();
            switch (random.nextInt(3)) {
                case 0 -> socket.close();
                case 1 -> socket.closeWithoutStatus();
                default -> socket.close(3000 + random.nextInt(2000), "enough");
            }
        }
    }

    /** A message of parts that is not complete when its side closes is given up, and all that waits for its end. */
    private void abandonParts() {
        if (parts != null) {
            while (underWay.peekLast() != parts) {
                underWay.removeLast();
            }
            underWay.removeLast();
            parts = null;
            isDroppedUnknown = true;
        }
    }

    void abort() {
        if (socket != null) {
            socket.abort();
        }
    }

    void pause() {
        if (socket != null) {
            socket.pause();
        }
    }

    void resume() {
        if (socket != null) {
            socket.resume();
        }
    }

    private boolean takesMessages() {
        return socket != null && outcome == null && socket.readyState() == ReadyState.OPEN;
    }

    // What must hold at any time

    /** @param isExact whether nothing but messages is sent, and all as it is */
    void check(boolean isExact, long maxQueueBytes) {
        if (socket == null) {
            return;
        }
        ReadyState state = socket.readyState();
        require(outcome == null || state == ReadyState.CLOSED, "is " + state + " after onClose");
        require(outcome != null || state != ReadyState.CLOSED, "is closed without onClose");
        if (state != ReadyState.OPEN) {
            return;
        }
        long buffered = socket.bufferedAmount();
        require(buffered >= 0 && buffered <= maxQueueBytes, "has " + buffered + " bytes in its queue");
        if (isExact) {
            long pending = acceptedBytes - out.written();
            // A message that waits in front of the engine counts without its mask.
            long unmasked = isClient ? Math.min((pending - buffered) / MASK_BYTES, underWay.size()) * MASK_BYTES : 0;
            require(
                    buffered == pending - unmasked,
                    "has bufferedAmount " + buffered + " and " + pending + " bytes to send");
        }
    }

    /** All is at rest, and nothing has broken the connection: all must have arrived. */
    void checkArrived() {
        if (takesMessages() && other.takesMessages()) {
            requireAllArrived("is at rest");
            require(socket.bufferedAmount() == 0, "has " + socket.bufferedAmount() + " bytes left to send");
        }
    }

    private void requireAllArrived(String when) {
        if (!mayDrop) {
            require(underWay.isEmpty(), when + ", but " + underWay.peek() + " has not arrived");
        } else if (!isDroppedUnknown) {
            long lost = missing + underWay.size();
            long counted = socket.droppedMessages();
            require(
                    lost == counted,
                    when + " and counts " + counted + " dropped messages, but " + lost + " are missing");
            require(dropped == counted, when + " and was told of " + dropped + " dropped messages, not " + counted);
        }
    }

    boolean isEnded() {
        return outcome != null;
    }

    private void require(boolean rule, String otherwise) {
        if (!rule) {
            throw new AssertionError((isClient ? "client " : "server ") + otherwise);
        }
    }

    // Callbacks

    private void callback(Runnable act) {
        require(!inCallback, "has two callbacks at a time");
        require(isOpened && outcome == null, "has a callback before onOpen or after onClose");
        inCallback = true;
        try {
            act.run();
        } finally {
            inCallback = false;
        }
    }

    @Override
    public void onOpen(WebSocket opened) {
        require(!isOpened, "is opened twice");
        isOpened = true;
        socket = opened;
    }

    @Override
    public void onTextBytes(WebSocket from, ByteBuffer utf8) {
        callback(() -> receive(true, utf8));
    }

    @Override
    public void onBinary(WebSocket from, ByteBuffer payload) {
        callback(() -> receive(false, payload));
    }

    private void receive(boolean isText, ByteBuffer content) {
        Sent sent = other.underWay.poll();
        while (other.mayDrop && sent != null && !sent.isSeenAs(isText, content)) {
            other.missing++;
            sent = other.underWay.poll();
        }
        int length = content.remaining();
        if (sent == null || !sent.isSeenAs(isText, content)) {
            String got = (isText ? "text" : "binary") + " of " + length + " bytes"
                    + (length > 0 ? " that begins with " + (char) content.get(content.position()) : "");
            throw new AssertionError((isClient ? "client" : "server") + " got " + got + ", not " + sent);
        }
        simulation.note(length);
        react();
    }

    /** Handlers do things, too. */
    private void react() {
        switch (random.nextInt(200)) {
            case 0 -> pause();
            case 1 -> close();
            case 2 -> broadcast(random.nextInt(TOPICS));
            case 3 -> {
                if (random.nextInt(10) == 0) {
                    simulation.expectFault();
                    abandonParts();
                    throw new IllegalStateException("a fault of the application");
                }
            }
            case 4 -> {
                if (random.nextInt(10) == 0) {
                    abort();
                }
            }
            default -> {
                if (!isClient && random.nextInt(4) == 0) {
                    send();
                }
            }
        }
    }

    @Override
    public void onPing(WebSocket from, ByteBuffer payload) {
        callback(() -> {});
    }

    @Override
    public void onPong(WebSocket from, ByteBuffer payload) {
        callback(() -> {});
    }

    @Override
    public void onDrain(WebSocket from) {
        callback(() -> {});
    }

    @Override
    public void onDropped(WebSocket from, long messages) {
        callback(() -> dropped += messages);
        require(mayDrop, "has dropped messages");
    }

    @Override
    public void onClose(WebSocket from, CloseOutcome how) {
        require(!inCallback && isOpened && outcome == null, "is closed twice, too early or in a callback");
        outcome = how;
        int code = how.status().code();
        require(
                CloseCode.isValidInFrame(code) || code == CloseCode.NO_STATUS || code == CloseCode.ABNORMAL,
                "ended with " + code);
        require(how.clean() == (code != CloseCode.ABNORMAL), "ended with " + how);
        if (how.clean() && how.closedBy() == ClosedBy.PEER && other.saysAllBeforeClosing()) {
            other.requireAllArrived("said goodbye");
        }
        simulation.note(code);
    }

    /** Whether what this side does at its end leaves nothing out that it has accepted. */
    private boolean saysAllBeforeClosing() {
        return outcome != null && (outcome.closedBy() == ClosedBy.SELF || outcome.closedBy() == ClosedBy.HANDLER);
    }
}
