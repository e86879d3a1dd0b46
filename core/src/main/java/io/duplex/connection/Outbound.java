package io.duplex.connection;

import io.duplex.CloseStatus;
import io.duplex.SendPolicy;
import io.duplex.frame.FrameEncoder;
import io.duplex.protocol.SharedMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Something to be sent that could not be given to the engine at once. It owns its bytes, and is immutable but for
 * its count of queues, so that one may stand in those of many connections.
 */
final class Outbound {
    enum Kind {
        TEXT,
        BINARY,
        TEXT_PART,
        BINARY_PART,
        PING,
        PONG,
        CLOSE;

        /** Whether it is a whole message: what may wait, and be dropped. */
        boolean isMessage() {
            return this == TEXT || this == BINARY;
        }

        boolean isPart() {
            return this == TEXT_PART || this == BINARY_PART;
        }
    }

    private static final byte[] NOTHING = new byte[0];

    final Kind kind;
    final boolean last;
    /** What a {@link Kind#CLOSE} says; 1005 for all else. */
    final CloseStatus status;
    /** The topic's policy; {@code null} for the socket's own. */
    final @Nullable SendPolicy policy;
    /** Of messages with equal keys only the latest is to wait; {@code null} if it replaces none. */
    final @Nullable Object key;
    /** The message as all who send it do, such as subscribers of a topic; {@code null} if it is for this socket alone. */
    final @Nullable SharedMessage shared;
    /** To be completed once it has left; {@code null} if nobody wants to know. */
    final @Nullable CompletableFuture<Void> sent;

    /** How many queues the message stands in; {@code null} if it is for one only. */
    private final @Nullable AtomicInteger queues;

    private final byte[] bytes;

    private Outbound(
            Kind kind,
            byte[] bytes,
            boolean last,
            CloseStatus status,
            @Nullable SendPolicy policy,
            @Nullable Object key,
            @Nullable SharedMessage shared,
            @Nullable CompletableFuture<Void> sent) {
        this.kind = kind;
        this.bytes = bytes;
        this.last = last;
        this.status = status;
        this.policy = policy;
        this.key = key;
        this.shared = shared;
        this.sent = sent;
        this.queues = shared == null ? null : new AtomicInteger();
    }

    static Outbound of(Kind kind, byte[] bytes) {
        return new Outbound(kind, bytes, true, CloseStatus.NO_STATUS, null, null, null, null);
    }

    /** Copies and consumes {@code payload}. */
    static Outbound copyOf(Kind kind, ByteBuffer payload, boolean last) {
        return new Outbound(kind, copy(payload), last, CloseStatus.NO_STATUS, null, null, null, null);
    }

    static Outbound close(CloseStatus status) {
        return new Outbound(Kind.CLOSE, NOTHING, true, status, null, null, null, null);
    }

    /** A message that replaces those with an equal key. */
    static Outbound latest(Kind kind, byte[] bytes, Object key) {
        return new Outbound(kind, bytes, true, CloseStatus.NO_STATUS, null, key, null, null);
    }

    /** A message whose sender waits for {@code sent}. */
    static Outbound promised(Kind kind, byte[] bytes, CompletableFuture<Void> sent) {
        return new Outbound(kind, bytes, true, CloseStatus.NO_STATUS, null, null, null, sent);
    }

    /** A message of a topic, for many. */
    static Outbound published(boolean text, byte[] bytes, @Nullable SendPolicy policy, @Nullable Object key) {
        Kind kind = text ? Kind.TEXT : Kind.BINARY;
        return new Outbound(
                kind, NOTHING, true, CloseStatus.NO_STATUS, policy, key, SharedMessage.ofValid(text, bytes), null);
    }

    /** A message that others send, too, each by itself. */
    static Outbound of(SharedMessage message) {
        Kind kind = message.isText() ? Kind.TEXT : Kind.BINARY;
        return new Outbound(kind, NOTHING, true, CloseStatus.NO_STATUS, null, null, message, null);
    }

    static byte[] copy(ByteBuffer payload) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return copy;
    }

    /** Bytes that it takes as a frame without mask and compression. */
    long frameBytes() {
        int length = shared == null ? bytes.length : shared.length();
        return FrameEncoder.headerBytes(length) + (long) length;
    }

    /** It begins to wait in a queue: its bytes count once, however many it waits in. */
    void takeFrom(SendBudget budget) {
        if (queues == null || queues.getAndIncrement() == 0) {
            budget.take(frameBytes());
        }
    }

    /** It waits in a queue no longer. */
    void giveBackTo(SendBudget budget) {
        if (queues == null || queues.decrementAndGet() == 0) {
            budget.give(frameBytes());
        }
    }

    /** What this socket alone sends; nothing if the message is {@link #shared}. */
    ByteBuffer payload() {
        return ByteBuffer.wrap(bytes);
    }
}
