package io.duplex.polling;

import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientHost;
import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's side of a session: what its {@link ClientCarrier}s bring goes to the {@link Session}, and what that sends goes the way
 * of the {@link ClientOutflow}. Confined to the session's loop.
 */
final class ClientSession implements Carrier {
    /** Of the answer to a POST, which has no packets. */
    private static final int POST_ANSWER_BYTES = 1 << 10;

    /** So that a block has a length, and its text in base64, too. */
    private static final int MAX_PACKET_BYTES = Integer.MAX_VALUE / 2;

    private static final Duration FAREWELL_TIMEOUT = Duration.ofSeconds(5);
    private static final long TURNS_MEANWHILE = 1 << 20;
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

    private final ClientHost host;
    private final ClientHttp http;
    private final ClientAddress address;
    private final SessionOffer offer;
    private final Session session;
    private final Loop loop;
    private final Reception reception;
    private final ClientOutflow outflow;
    /** Of a block that the server may send; what is longer has a packet that is too long. */
    private final int maxAnswerBytes;

    private final CarrierChoice choice;
    private final TimerWheel.Timer expiryTimer = new TimerWheel.Timer(this::onExpiry);
    private final Set<ClientRequest> requests = new HashSet<>();

    private long turn;
    private long reserved;
    /** What receives has broken since it last worked. */
    private boolean failing;

    /** That has been so for the expiry time. */
    private boolean overdue;

    private boolean ended;

    /**
     * Creates the client's side; {@link #start} is next.
     *
     * @param maxPacketBytes the longest payload of a packet that breaks no limit
     * @param vias the carriers to be used, the better first, the safe one last
     */
    ClientSession(
            ClientHost host,
            ClientHttp http,
            ClientAddress address,
            SessionOffer offer,
            Session session,
            int maxPacketBytes,
            List<Via> vias,
            Duration pollInterval) {
        this.host = host;
        this.http = http;
        this.address = address;
        this.offer = offer;
        this.session = session;
        this.loop = session.loop();
        this.reception = new Reception(session);
        this.outflow = new ClientOutflow(this, offer, session, reception);
        this.maxAnswerBytes = Block.FILL_BYTES
                + Block.HEADER_BYTES
                + Packet.HEADER_BYTES
                + Math.min(maxPacketBytes, MAX_PACKET_BYTES);
        Duration interval = bounded(pollInterval);
        this.choice = new CarrierChoice(loop.timers(), vias, via -> switch (via) {
            case WEBSOCKET -> new ClientSocket(this);
            case SSE -> new ClientStream(this);
            case LONG, POLL -> new ClientPolls(this, via, offer.hold(), interval);
        });
    }

    /** A pause that the session survives on the server. */
    Duration bounded(Duration pause) {
        Duration most = offer.expiry().dividedBy(3);
        return pause.compareTo(most) < 0 ? pause : most;
    }

    /** The session is open. */
    void start() {
        http.add(this);
        session.attach(this, LONG_NANOS);
        if (!ended && !session.isOver()) {
            choice.start();
        }
    }

    // What carriers need

    Loop loop() {
        return loop;
    }

    /** Gives up whatever is left of it, as the client is closed. Thread-safe. */
    void abandon() {
        loop.execute(() -> session.lose("client is closed"));
    }

    /** A turn for what goes on. */
    long nextTurn() {
        return ++turn;
    }

    /** A turn for what is tried, far ahead of those of what goes on meanwhile. */
    long reserveTurn() {
        reserved = Math.max(turn, reserved) + TURNS_MEANWHILE;
        return reserved;
    }

    /** What was tried has worked or ended: whatever comes next is newer, as the server may have seen it. */
    void passTurn(long tried) {
        turn = Math.max(turn, tried);
    }

    /** The number of the last packet that came. */
    long received() {
        return reception.last();
    }

    /** Whether a better carrier is tried. */
    boolean isTrying() {
        return choice.isTrying();
    }

    boolean isReading() {
        return session.isReading();
    }

    /** Of an event: base64 takes a third more. */
    int maxEventBytes() {
        return (int) (maxAnswerBytes * 4L / 3);
    }

    void get(
            Via via,
            long ofTurn,
            Duration timeout,
            Consumer<? super HttpResponse<BoundedBody.Content>> answered,
            Consumer<? super IOException> failed) {
        outflow.tell();
        HttpRequest request = address.get(offer.session(), via, reception.last(), ofTurn);
        send(request, maxAnswerBytes, timeout, outflow::onPiece, answered, failed);
    }

    /** Begins a stream; {@link ClientStream#onHead} is told of its head. */
    Future<?> stream(ClientStream carrier, long ofTurn, BodyHandler<StreamBody> bodies) {
        HttpRequest request = address.get(offer.session(), Via.SSE, reception.last(), ofTurn);
        CompletableFuture<HttpResponse<StreamBody>> exchange = http.send(request, bodies);
        exchange.whenComplete((answer, failure) -> loop.execute(() -> carrier.onHead(ofTurn, answer)));
        return exchange;
    }

    CompletableFuture<WebSocket> connect(
            long ofTurn, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return host.connect(address.carrier(offer.session(), reception.last(), ofTurn), carrierLimits(), handlers);
    }

    /** Of the client's own, only those of heads are about a connection whose messages are blocks. */
    private Limits carrierLimits() {
        Limits own = host.settings().limits();
        return Limits.builder()
                .maxMessageBytes(maxAnswerBytes)
                .maxHeaderBytes(own.maxHeaderBytes())
                .maxHeaderFields(own.maxHeaderFields())
                .build();
    }

    private void send(
            HttpRequest request,
            int maxBytes,
            Duration timeout,
            @Nullable Runnable progress,
            Consumer<? super HttpResponse<BoundedBody.Content>> answered,
            Consumer<? super IOException> failed) {
        ClientRequest.send(http, request, maxBytes, timeout, progress, loop, requests, answered, failed);
    }

    // What carriers tell

    /**
     * Takes the body of an answer.
     *
     * @return {@code null} if it was good
     */
    @Nullable CarrierFailure take(BoundedBody.Content content) {
        outflow.hasArrived();
        if (!content.isWhole()) {
            failAsTooBig();
            return null;
        }
        return take(content.bytes());
    }

    /** Takes a block in bytes; {@code null} if it was good. */
    @Nullable CarrierFailure take(ByteBuffer bytes) {
        Block block = Block.parse(Role.SERVER, bytes);
        return block == null ? CarrierFailure.of("the server's message is no block") : take(block);
    }

    /** Takes a block; {@code null} if it was good. */
    @Nullable CarrierFailure take(Block block) {
        if (block.count() == 0) {
            return takeAcknowledgement(block); // which may be ahead of what has come by another way
        }
        if (ended) {
            return null;
        }
        long before = reception.last();
        try {
            if (!reception.take(block)) {
                return CarrierFailure.of("the server's block has a gap before it");
            }
        } catch (Refusal refusal) {
            return CarrierFailure.of("the server " + refusal.why());
        }
        if (reception.last() > before) {
            choice.progressed();
            outflow.acknowledgeSoon(block.cost());
        } else {
            outflow.notTold(); // it comes again, as the server does not know that it has come
        }
        flush();
        return null;
    }

    /**
     * The server has what a block says, whose packets may have to wait.
     *
     * @return {@code null} if it can have that
     */
    @Nullable CarrierFailure takeAcknowledgement(Block block) {
        if (ended) {
            return null;
        }
        long before = session.packets().acknowledged();
        try {
            reception.acknowledge(block.ack());
        } catch (Refusal refusal) {
            return CarrierFailure.of("the server " + refusal.why());
        }
        session.heard();
        if (session.packets().acknowledged() > before) {
            if (choice.active() instanceof ClientSocket) {
                choice.progressed(); // an answer to a POST says nothing of what receives
            }
            flush();
        }
        return null;
    }

    /** The server has sent more than it may. */
    void failAsTooBig() {
        session.fail(Violation.MESSAGE_TOO_BIG);
        choice.stop(); // it would come again
        outflow.leaveSocket();
    }

    /** A carrier has brought something. */
    @SuppressWarnings("ReferenceEquality") // this carrier
    void works(ClientCarrier carrier) {
        if (ended) {
            return;
        }
        heard();
        choice.works(carrier);
        if (carrier instanceof ClientSocket socket) {
            outflow.moveTo(socket);
        } else if (choice.active() == carrier) {
            outflow.leaveSocket();
            outflow.notTold();
        }
    }

    /**
     * A carrier has ended as the server has seen a newer one.
     *
     * @param ofTurn that it had
     */
    void gaveWay(ClientCarrier carrier, long ofTurn) {
        if (choice.isTrying() || ofTurn < turn) {
            forget(carrier);
            choice.ended(carrier, null);
        } else {
            broke(carrier, CarrierFailure.of("the server speaks of a newer carrier, and there is none"));
        }
    }

    /** A carrier has broken. */
    @SuppressWarnings("ReferenceEquality") // this carrier
    void broke(ClientCarrier carrier, CarrierFailure failure) {
        boolean isActive = choice.active() == carrier;
        forget(carrier);
        if (failure.isGone() || overdue && isActive) {
            lose(failure);
            return;
        }
        if (isActive && !failing && !ended) {
            failing = true;
            loop.timers().schedule(expiryTimer, offer.expiry().toNanos());
        }
        choice.ended(carrier, bounded(failure.retryAfter()));
        flush();
    }

    private void forget(ClientCarrier carrier) {
        if (outflow.goesBy(carrier)) {
            outflow.leaveSocket();
        }
    }

    /** Something receives: an answer to a POST would not show that. */
    private void heard() {
        overdue = false;
        if (failing) {
            failing = false;
            loop.timers().cancel(expiryTimer);
        }
    }

    private long onExpiry(long nowNanos) {
        overdue = true;
        return TimerWheel.Watch.NEVER;
    }

    /** Ends the session, as the server cannot be reached or has none. */
    void lose(CarrierFailure failure) {
        if (!ended) {
            session.lose(failure.toException());
        }
    }

    /** Sends what waits, as far as it may. */
    void flush() {
        outflow.flush();
    }

    /** Whether what receives are polls, each of which tells the server what has come. */
    boolean isPolled() {
        return choice.active() instanceof ClientPolls;
    }

    /** Sends a block by a POST. */
    void post(
            ByteBuffer block,
            Duration timeout,
            Consumer<? super HttpResponse<BoundedBody.Content>> answered,
            Consumer<? super IOException> failed) {
        send(address.post(offer.session(), block), POST_ANSWER_BYTES, timeout, null, answered, failed);
    }

    /** Sends a block that is not waited for, even by the end of the session. */
    void sayLast(ByteBuffer block) {
        ClientRequest.send(
                http,
                address.post(offer.session(), block),
                POST_ANSWER_BYTES,
                FAREWELL_TIMEOUT,
                null,
                loop,
                new HashSet<>(),
                answer -> {},
                cause -> {});
    }

    // The session's side

    @Override
    public void onPackets() {
        flush();
    }

    @Override
    public void onReplaced() {
        throw new AssertionError("a client's session has one carrier of its own");
    }

    @Override
    public void onReading(boolean reading) {
        choice.onReading(reading);
        outflow.onReading(reading);
    }

    @Override
    public long onTime() {
        return LONG_NANOS;
    }

    @Override
    public void onGone() {
        if (ended) {
            return;
        }
        ended = true;
        loop.timers().cancel(expiryTimer);
        outflow.end(!requests.isEmpty());
        choice.stop();
        List.copyOf(requests).forEach(ClientRequest::cancel);
        requests.clear();
        http.remove(this);
    }
}
