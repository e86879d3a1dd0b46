package io.duplex.polling;

import io.duplex.BufferSource.Lease;
import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Crossing;
import io.duplex.polling.session.PacketQueue;
import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection that carries a session: its messages are blocks, both ways. It is the handler of that connection, which
 * may live on another loop; all else is confined to the session's loop.
 */
final class SocketCarrier implements WebSocketHandler, Carrier {
    /** Payload in one message, so that others have their turn. */
    private static final int FILL_BYTES = 64 << 10;

    /** What the client has sent is acknowledged at the latest after so many bytes, or so long. */
    private static final int ACK_BYTES = 32 << 10;

    /** Blocks that wait for the session to take messages; beyond it the connection is closed. */
    private static final int MAX_WAITING_BYTES = 1 << 20;

    /** What may wait at all times. */
    private static final int LITTLE_BYTES = 4 << 10;

    /** What a block that waits costs besides its bytes: it may be of a few. */
    private static final int WAITING_BLOCK_BYTES = 512;

    private static final long ACK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

    /** A block in memory that counts with all that is received. */
    private record Waiting(Block block, Lease memory) {
        int cost() {
            return block.bytes() + WAITING_BLOCK_BYTES;
        }
    }

    private final Conversation conversation;
    private final long turn;
    private final long after;

    private @Nullable WebSocket socket;
    /** The number of the last packet that was sent. */
    private long sent;

    private boolean awaitsDrain;
    private boolean ended;
    private long acknowledged;
    /** What the client holds for what has come and was not acknowledged. */
    private long receivedBytes;

    private final Crossing underWay = new Crossing();
    /** What came while the session took no messages. */
    private final Queue<Waiting> waiting = new ArrayDeque<>(0);

    private int waitingBytes;

    SocketCarrier(Conversation conversation, long turn, long after) {
        this.conversation = conversation;
        this.turn = turn;
        this.after = after;
    }

    // The connection's loop

    private void inSession(Runnable task) {
        conversation.session().loop().execute(task);
    }

    @Override
    public void onOpen(WebSocket opened) {
        inSession(() -> begin(opened));
    }

    @Override
    public void onText(WebSocket opened, String text) {
        opened.close(CloseCode.UNSUPPORTED_DATA, "blocks are binary");
    }

    @Override
    public void onBinary(WebSocket opened, ByteBuffer payload) {
        // The session's handler may be the slower one: what it has not taken yet lies here.
        ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
        underWay.enter(opened, copy.capacity());
        inSession(() -> {
            underWay.leave(opened, copy.capacity());
            receive(opened, copy);
        });
    }

    @Override
    public void onDrain(WebSocket opened) {
        inSession(() -> {
            awaitsDrain = false;
            onPackets();
        });
    }

    @Override
    public void onClose(WebSocket opened, CloseOutcome outcome) {
        inSession(() -> {
            drop();
            conversation.session().detach(this);
        });
    }

    // The session's loop

    private void begin(WebSocket opened) {
        socket = opened;
        Session session = conversation.session();
        try {
            conversation.begin(turn, after);
        } catch (Refusal refusal) {
            ended = true;
            opened.close(CloseCode.POLICY_VIOLATION, refusal.why());
            return;
        }
        sent = session.packets().acknowledged();
        // The first block shows the client that the carrier works.
        send(opened, Block.empty(conversation.received(), sent + 1));
        session.attach(this, LONG_NANOS);
    }

    private void receive(WebSocket opened, ByteBuffer bytes) {
        Block block = Block.parse(Role.CLIENT, bytes);
        if (block == null) {
            opened.close(CloseCode.PROTOCOL_ERROR, "message is no block");
            return;
        }
        try {
            // At once: it may be what the session waits for to take messages again.
            conversation.acknowledge(block.ack());
        } catch (Refusal refusal) {
            opened.close(CloseCode.PROTOCOL_ERROR, refusal.why());
            return;
        }
        if (block.count() == 0) {
            conversation.session().heard();
        } else if (!ended && waiting.isEmpty() && conversation.session().isReading()) {
            take(opened, block);
        } else if (!ended) {
            keep(opened, block);
            takeWaiting(opened);
        }
    }

    private void keep(WebSocket opened, Block block) {
        try {
            Lease memory = conversation.session().loop().workspace().acquire(block.bytes());
            Waiting last = new Waiting(block.copyTo(memory.bytes()), memory);
            waiting.add(last);
            waitingBytes += last.cost();
        } catch (OutOfMemoryError none) {
            giveUp(opened, "no memory is left to wait with for the handler");
        }
    }

    /** Takes what has come as far as the session takes messages. Acknowledgements behind it have to be read all the same. */
    private void takeWaiting(WebSocket opened) {
        while (conversation.session().isReading() && !ended && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            waitingBytes -= next.cost();
            try {
                take(opened, next.block());
            } finally {
                next.memory().release();
            }
        }
        if (!ended && waiting.size() > 1 && waitingBytes > MAX_WAITING_BYTES) {
            giveUp(opened, "more than is waited with for the handler");
        }
    }

    /** To read no more would leave acknowledgements unread that may be waited for. The client comes back with the rest. */
    private void giveUp(WebSocket opened, String why) {
        drop();
        conversation.session().detach(this);
        opened.close(CloseCode.TRY_AGAIN_LATER, why);
    }

    /** Holds nothing any more, and takes nothing. */
    private void drop() {
        ended = true;
        waitingBytes = 0;
        for (Waiting next; (next = waiting.poll()) != null; ) {
            next.memory().release();
        }
    }

    @Override
    public boolean isHolding() {
        return waitingBytes > LITTLE_BYTES;
    }

    private void take(WebSocket opened, Block block) {
        try {
            if (!conversation.take(block)) {
                opened.close(CloseCode.PROTOCOL_ERROR, "block has a gap before it");
                return;
            }
        } catch (Refusal refusal) {
            opened.close(CloseCode.PROTOCOL_ERROR, refusal.why());
            return;
        }
        receivedBytes += block.cost();
        if (receivedBytes >= ACK_BYTES) {
            send(opened, conversation.acknowledgement());
        } else {
            conversation.session().schedule(this, ACK_NANOS);
        }
    }

    private void send(WebSocket opened, ByteBuffer block) {
        acknowledged = conversation.received();
        receivedBytes = 0;
        SendStatus status = opened.send(block);
        if (status == SendStatus.QUEUED) {
            awaitsDrain = true;
        } else if (status == SendStatus.REFUSED) {
            drop(); // onClose follows, and the client comes back
        }
    }

    @Override
    public void onPackets() {
        WebSocket opened = socket;
        if (opened == null) {
            return;
        }
        Session session = conversation.session();
        PacketQueue packets = session.packets();
        sent = Math.max(sent, packets.acknowledged());
        while (!ended
                && !awaitsDrain
                && sent < packets.last()
                && packets.bytesUpTo(sent) < StreamCarrier.WINDOW_BYTES) {
            Block.Filled block = Block.fill(packets, sent, conversation.received(), FILL_BYTES);
            sent = block.last();
            send(opened, block.bytes());
        }
    }

    @Override
    public void onReplaced() {
        end("another carrier receives");
    }

    @Override
    public void onGone() {
        end("session has ended");
    }

    private void end(String why) {
        drop();
        WebSocket opened = socket;
        if (opened != null) {
            opened.close(CloseCode.NORMAL, why);
        }
    }

    @Override
    public long onTime() {
        WebSocket opened = socket;
        if (opened != null && !ended && acknowledged < conversation.received()) {
            send(opened, conversation.acknowledgement());
        }
        return LONG_NANOS;
    }

    @Override
    public void onReading(boolean reading) {
        WebSocket opened = socket;
        if (opened != null) {
            takeWaiting(opened);
        }
    }
}
