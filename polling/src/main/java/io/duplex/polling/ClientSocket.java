package io.duplex.polling;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.TimerWheel;
import io.duplex.polling.session.Crossing;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection that carries a client's session: its messages are blocks, both ways. It is the handler of that
 * connection, which may live on another loop; all else is confined to the session's loop.
 */
final class ClientSocket implements WebSocketHandler, ClientCarrier {
    /** A connection whose first block has not come by then carries nothing. */
    private static final long PROBE_NANOS = ClientStream.PROBE_NANOS;

    /** Blocks that wait for the handler to take messages; beyond it the connection is given up. */
    private static final int MAX_WAITING_BYTES = 1 << 20;

    /** What such a block costs besides its bytes: it may be of a few. */
    private static final int WAITING_BLOCK_BYTES = 256;

    private final ClientSession session;
    private final Crossing underWay = new Crossing();
    private final TimerWheel.Timer probeTimer = new TimerWheel.Timer(this::onProbeTimeout);
    /** What came while the handler took no messages. A server stops when it gets no acknowledgement. */
    private final Queue<Block> waiting = new ArrayDeque<>(0);

    private long waitingBytes;
    private @Nullable CompletableFuture<WebSocket> connecting;
    private @Nullable WebSocket socket;
    private long turn;
    private boolean works;
    private boolean stopped;
    private boolean awaitsDrain;

    ClientSocket(ClientSession session) {
        this.session = session;
    }

    // The connection's loop

    private void inSession(Runnable task) {
        session.loop().execute(task);
    }

    private WebSocketHandler handler(Handshake handshake) {
        if (!Polling.CARRIER_PROTOCOL.equals(handshake.subprotocol())) {
            throw new HandshakeException("the server has chosen another subprotocol", null);
        }
        return this;
    }

    @Override
    public void onOpen(WebSocket opened) {
        inSession(() -> {
            socket = opened;
            if (stopped) {
                opened.close();
            } else {
                session.loop().timers().schedule(probeTimer, PROBE_NANOS);
            }
        });
    }

    @Override
    public void onText(WebSocket opened, String text) {
        inSession(() -> fail(opened, CloseCode.UNSUPPORTED_DATA, "blocks are binary"));
    }

    @Override
    public void onBinary(WebSocket opened, ByteBuffer payload) {
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
            session.flush();
        });
    }

    @Override
    public void onClose(WebSocket opened, CloseOutcome outcome) {
        inSession(() -> closed(outcome));
    }

    // The session's loop

    @Override
    public void start() {
        turn = session.reserveTurn();
        CompletableFuture<WebSocket> attempt;
        try {
            attempt = session.connect(turn, this::handler);
        } catch (RuntimeException fault) {
            attempt = CompletableFuture.failedFuture(fault);
        }
        connecting = attempt;
        attempt.whenComplete((opened, failure) -> {
            if (failure != null) {
                inSession(() -> broke(CarrierFailure.of("no WebSocket gets through")));
            }
        });
    }

    private void receive(WebSocket opened, ByteBuffer bytes) {
        Block block = Block.parse(Role.SERVER, bytes);
        if (block == null) {
            fail(opened, CloseCode.PROTOCOL_ERROR, "message is no block");
        } else {
            receive(opened, block);
        }
    }

    private void receive(WebSocket opened, Block block) {
        // At once: it may be what the handler waits for to take messages again.
        CarrierFailure fault = session.takeAcknowledgement(block);
        if (fault != null) {
            fail(opened, CloseCode.PROTOCOL_ERROR, fault.why());
            return;
        }
        if (block.count() > 0 && !stopped) {
            waiting.add(block);
            waitingBytes += block.bytes() + WAITING_BLOCK_BYTES;
        }
        takeWaiting(opened);
        if (waitingBytes > MAX_WAITING_BYTES && waiting.size() > 1) {
            fail(opened, CloseCode.POLICY_VIOLATION, "more than may go without an acknowledgement");
        } else if (!works && !stopped) {
            works = true;
            session.loop().timers().cancel(probeTimer);
            session.passTurn(turn);
            session.works(this);
        }
    }

    private void takeWaiting(WebSocket opened) {
        while (session.isReading() && !stopped && !waiting.isEmpty()) {
            Block block = waiting.remove();
            waitingBytes -= block.bytes() + WAITING_BLOCK_BYTES;
            CarrierFailure fault = session.take(block);
            if (fault != null) {
                fail(opened, CloseCode.PROTOCOL_ERROR, fault.why());
            }
        }
    }

    private long onProbeTimeout(long nowNanos) {
        WebSocket opened = socket;
        if (opened != null && !stopped) {
            fail(opened, CloseCode.NORMAL, "no block has come");
        }
        return TimerWheel.Watch.NEVER;
    }

    private void fail(WebSocket opened, int code, String why) {
        opened.close(code, why);
        broke(CarrierFailure.of(why));
    }

    private void closed(CloseOutcome outcome) {
        CloseStatus sent = outcome.sent();
        if (!stopped && outcome.closedBy() == ClosedBy.LIMIT && sent != null && sent.code() == CloseCode.TOO_BIG) {
            session.failAsTooBig();
        } else if (!stopped && works && outcome.status().code() == CloseCode.NORMAL) {
            end();
            session.gaveWay(this, turn);
        } else {
            broke(CarrierFailure.of("the WebSocket broke"));
        }
    }

    private void broke(CarrierFailure failure) {
        if (!stopped) {
            end();
            session.broke(this, failure);
        }
    }

    private void end() {
        stopped = true;
        waiting.clear(); // it comes again by the next one
        waitingBytes = 0;
        session.loop().timers().cancel(probeTimer);
        session.passTurn(turn);
    }

    @Override
    public void stop() {
        end();
        WebSocket opened = socket;
        if (opened != null) {
            opened.close();
        } else if (connecting != null) {
            connecting.cancel(false);
        }
    }

    @Override
    public void onReading(boolean reading) {
        WebSocket opened = socket;
        if (opened != null) {
            takeWaiting(opened);
        }
    }

    /** Whether it takes blocks at present. */
    boolean isReady() {
        return works && !stopped && !awaitsDrain;
    }

    /** Sends a block, if the connection lives: what is lost is not acknowledged, and goes again. */
    void send(ByteBuffer block) {
        WebSocket opened = socket;
        if (opened != null && opened.send(block) == SendStatus.QUEUED) {
            awaitsDrain = true;
        }
    }
}
