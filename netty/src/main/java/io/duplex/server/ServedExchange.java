package io.duplex.server;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.Loop;
import io.duplex.connection.ResponseStream;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request that has come whole, and its answer. It listens to the socket meanwhile: what comes is of the next request,
 * which waits, and when that is more than a head may be, the socket is not read from. How long the application takes is its
 * own matter; the peer has to take what it is sent at some speed. Thread-safe but for what the loop calls.
 */
final class ServedExchange implements HttpExchange, SocketListener {
    /** So that a peer cannot hold an answer for ever by reading a byte now and then. */
    private static final long LEAST_BYTES_PER_SECOND = 1 << 10;

    /** In seconds, as a connection may hold half a message: while memory for it is short. */
    private static final int MAX_HELD_SECONDS = 10;

    /** What may be kept of the next request at all times. */
    private static final int LITTLE_BYTES = 4 << 10;

    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Visitor visitor;
    private final SocketTransport transport;
    private final Forwarding.Client client;
    private final RequestHead head;
    private final Map<String, String> pathParameters;
    private final byte[] body;
    private final AtomicBoolean begun = new AtomicBoolean();
    /** What other threads have asked for, in order. */
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();

    /** What the server itself adds to the answer; set before the answer begins. */
    private volatile HeaderFields extraFields = HeaderFields.EMPTY;

    private volatile boolean closed;

    // Of the loop

    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private final HeadBuffer kept;
    private long keptBytes;
    /** How often something has been kept when memory was short, and which shortage that was. */
    private int keptLooks;

    private int shortage;
    private @Nullable Runnable whenClosed;
    /** Whether all of the answer has been given to the transport. */
    private boolean answered;
    /** Whether the operating system has taken it, too. */
    private boolean over;

    private boolean staysOpen;
    private boolean inputEnded;
    private boolean shutDown;
    /** Whether the socket is no more. */
    private boolean gone;

    private boolean watched;
    private long writtenBytes;
    private long seenTakenBytes;
    private long seenPendingBytes;

    private ServedExchange(
            Visitor visitor,
            Forwarding.Client client,
            RequestHead head,
            Map<String, String> pathParameters,
            byte[] body) {
        this.visitor = visitor;
        this.pathParameters = pathParameters;
        this.transport = visitor.transport();
        this.client = client;
        this.head = head;
        this.body = body;
        this.kept = new HeadBuffer(transport.loop());
        this.staysOpen =
                head.version().knowsUpgrade() && !head.fields().hasToken("Connection", "close") && !visitor.isSurplus();
    }

    /** Has the application answer. */
    static void serve(
            Visitor visitor,
            Forwarding.Client client,
            RequestHead head,
            byte[] body,
            Routes.Match<OrdinaryRoute> route) {
        ServedExchange exchange = new ServedExchange(visitor, client, head, route.parameters(), body);
        exchange.transport.listener(exchange);
        try {
            route.target().service().serve(exchange);
        } catch (Throwable fault) {
            visitor.server().logFault("answering " + head.path() + " failed", fault);
            exchange.fail();
        }
    }

    private void fail() {
        if (begun.compareAndSet(false, true)) {
            answer(
                    500,
                    HeaderFields.builder()
                            .add("Content-Type", "text/plain; charset=utf-8")
                            .build(),
                    "internal error");
        } else if (!answered) {
            transport.abort();
        }
    }

    private void answer(int status, HeaderFields fields, String text) {
        write(status, fields, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), null);
    }

    Visitor visitor() {
        return visitor;
    }

    /** Decoded, by name. */
    Map<String, String> pathParameters() {
        return pathParameters;
    }

    void addFields(HeaderFields fields) {
        extraFields = fields;
    }

    // The application's side

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public ByteBuffer body() {
        return ByteBuffer.wrap(body);
    }

    @Override
    public SocketAddress remoteAddress() {
        return client.address();
    }

    @Override
    public boolean isSecure() {
        return client.isSecure();
    }

    @Override
    public Loop loop() {
        return transport.loop().core();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void whenClosed(Runnable task) {
        inOrder(() -> {
            if (closed) {
                run(task);
            } else if (!over) {
                whenClosed = task;
            }
        });
    }

    @Override
    public void respond(int status, HeaderFields fields, ByteBuffer content, @Nullable Runnable whenWritten) {
        begin(status);
        ByteBuffer bytes = transport.isInLoop() ? content.duplicate() : copy(content.duplicate());
        inOrder(() -> write(status, fields, bytes, whenWritten));
    }

    @Override
    public ResponseStream stream(int status, HeaderFields fields) {
        begin(status);
        boolean hasBody = AnswerHead.hasBody(head, status);
        boolean isChunked = head.version().knowsUpgrade();
        inOrder(() -> {
            staysOpen &= isChunked;
            write(AnswerHead.ofStream(status, fieldsFor(status, fields), isChunked, mayStay()));
        });
        return new AnswerStream(this, hasBody, isChunked);
    }

    boolean isInLoop() {
        return transport.isInLoop();
    }

    private void begin(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status is " + status + ", range 200 to 599");
        }
        if (!begun.compareAndSet(false, true)) {
            throw new IllegalStateException("the answer to " + head.method() + " " + head.path() + " has begun");
        }
    }

    /** A copy of {@code bytes}, which are consumed. */
    static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    /** Runs {@code task} on the loop behind those given before: at once if the caller is on it. */
    void inOrder(Runnable task) {
        if (transport.isInLoop()) {
            transport.turn(() -> {
                runPosted();
                task.run();
            });
        } else {
            posted.add(task);
            transport.execute(() -> transport.turn(this::runPosted));
        }
    }

    /** Runs {@code task} on the loop: at once if the caller is on it. */
    void onLoop(Runnable task) {
        if (transport.isInLoop()) {
            task.run();
        } else {
            transport.execute(() -> transport.turn(task));
        }
    }

    private void runPosted() {
        for (Runnable next; (next = posted.poll()) != null; ) {
            next.run();
        }
    }

    // Writing, on the loop

    private void write(int status, HeaderFields fields, ByteBuffer content, @Nullable Runnable whenWritten) {
        boolean hasBody = AnswerHead.hasBody(head, status);
        write(AnswerHead.of(status, fieldsFor(status, fields), content.remaining(), mayStay()));
        if (hasBody) {
            write(content);
        }
        end(whenWritten);
    }

    private HeaderFields fieldsFor(int status, HeaderFields fields) {
        HeaderFields extra = extraFields;
        HeaderFields all = extra.size() == 0
                ? fields
                : HeaderFields.builder().addAll(fields).addAll(extra).build();
        return AnswerFields.complete(status, all);
    }

    private boolean mayStay() {
        staysOpen &= !shutDown && !inputEnded && visitor.gates().isOpen();
        return staysOpen;
    }

    void write(ByteBuffer bytes) {
        if (closed) {
            bytes.position(bytes.limit());
            return;
        }
        writtenBytes += bytes.remaining();
        transport.write(bytes);
        if (!watched) {
            watched = true;
            seenTakenBytes = writtenBytes - transport.pendingBytes();
            seenPendingBytes = 0;
            watch();
        }
    }

    /** All of the answer has been written. */
    void end(@Nullable Runnable whenWritten) {
        answered = true;
        if (closed) {
            return;
        }
        transport.whenFlushed(() -> {
            over = true;
            whenClosed = null;
            visitor.cancel(timer);
            if (whenWritten != null) {
                run(whenWritten);
            }
            goOn();
        });
    }

    void whenFlushed(Runnable task) {
        if (!closed) {
            transport.whenFlushed(() -> run(task));
        }
    }

    long pendingBytes() {
        return closed ? 0 : transport.pendingBytes() + transport.gatheredBytes();
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            visitor.server().logFault("a callback of " + head.path() + " failed", fault);
        }
    }

    /** Has the next request read. */
    private void goOn() {
        if (!staysOpen || shutDown || inputEnded && kept.isEmpty()) {
            kept.release();
            Farewell.say(visitor);
        } else if (kept.isEmpty() && !visitor.hasHadItsTurn()) {
            ServerOpening.again(visitor);
        } else {
            // Later: this may come from within the application's code, which must not be called meanwhile.
            // And others are to have their turn, as one read may bring thousands of requests.
            transport.loop().executeLater(() -> transport.turn(this::handOn));
        }
    }

    @SuppressWarnings("ReferenceEquality") // one listener, not an equal one
    private void handOn() {
        if (gone) {
            return;
        }
        if (transport.listener() == this && !staysOpen) {
            Farewell.say(visitor);
        } else if (transport.listener() == this) {
            ServerOpening.again(visitor);
            kept.handOn(kept.join(EMPTY.duplicate()), transport);
            if (inputEnded) {
                transport.listener().onEof();
            }
        }
        kept.release();
    }

    // The peer's side

    @Override
    public void onReadable(ByteBuffer in) {
        keptBytes += in.remaining();
        if (keptBytes > visitor.server().limits().maxHeaderBytes()) {
            transport.setReading(false);
        }
        try {
            kept.keep(kept.join(in));
        } catch (OutOfMemoryError none) {
            in.position(in.limit());
            transport.abort();
        }
    }

    /**
     * What is sent behind a request that is held would be held as long, be it for ever. While an answer is on its way its peer
     * has to take it at some speed, and that is enough.
     */
    @Override
    public void onShortage(int present) {
        boolean isHeld = !kept.isEmpty() && keptBytes > LITTLE_BYTES && transport.pendingBytes() == 0;
        if (!isHeld || shortage != present) {
            shortage = present;
            keptLooks = 0;
        }
        if (isHeld && ++keptLooks > MAX_HELD_SECONDS) {
            transport.abort();
        }
    }

    /** A peer that ends its side while an answer is due has left, for all that HTTP's clients do. */
    @Override
    public void onEof() {
        runPosted(); // which was asked for before
        inputEnded = true;
        if (!answered) {
            kept.release();
            leave();
            Farewell.say(visitor);
        }
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        runPosted();
        gone = true;
        kept.release();
        visitor.leave();
        leave();
    }

    private void leave() {
        if (closed) {
            return;
        }
        visitor.cancel(timer);
        if (!over) {
            closed = true;
            Runnable task = whenClosed;
            whenClosed = null;
            if (task != null) {
                run(task);
            }
        }
    }

    @Override
    public void onShutdown() {
        if (!shutDown && !over) {
            shutDown = true;
            Duration close = visitor.server().timeouts().close();
            boolean isWaiting = !begun.get() && (close.isZero() || close.compareTo(GRACE) > 0);
            visitor.schedule(timer, isWaiting ? GRACE : close);
        }
        staysOpen = false;
    }

    // Deadlines

    private void watch() {
        if (!shutDown) {
            visitor.schedule(timer, visitor.server().timeouts().handshake());
        }
    }

    private long onTimeout(long nowNanos) {
        if (shutDown) {
            endForShutdown();
            return TimerWheel.Watch.NEVER;
        }
        long pending = transport.pendingBytes();
        if (pending == 0) {
            watched = false;
            return TimerWheel.Watch.NEVER;
        }
        long periodNanos = visitor.server().timeouts().handshake().toNanos();
        long least = Math.max(1, (long) (LEAST_BYTES_PER_SECOND * (periodNanos / (double) NANOS_PER_SECOND)));
        long taken = writtenBytes - pending;
        if (taken - seenTakenBytes < Math.min(least, seenPendingBytes)) {
            transport.abort();
            return TimerWheel.Watch.NEVER;
        }
        seenTakenBytes = taken;
        seenPendingBytes = pending;
        return periodNanos;
    }

    /** What has not been answered by now is answered by the server; what has begun is cut. */
    private void endForShutdown() {
        if (begun.compareAndSet(false, true)) {
            Answer.Refused draining = visitor.gates().draining();
            HeaderFields fields = HeaderFields.builder()
                    .addAll(draining.extraFields())
                    .add("Content-Type", "text/plain; charset=utf-8")
                    .build();
            transport.turn(() -> answer(draining.status(), fields, draining.body()));
        } else {
            transport.abort();
        }
    }
}
