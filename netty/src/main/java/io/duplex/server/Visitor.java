package io.duplex.server;

import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.SocketTransport;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One socket before it is a WebSocket connection, as the gates of its server see it: what it counts for, and on whose behalf
 * its requests are. Confined to the socket's event loop.
 */
final class Visitor {
    /** Requests that a socket may have answered before others have their turn. */
    private static final int TURN_REQUESTS = 64;

    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

    private final ServerSettings server;
    private final Gates gates;
    private final SocketTransport transport;
    /** What the heap holds of its last request's head, as far as that is counted. */
    private int headBytes;
    /** What it holds of its body. */
    private int bodyBytes;

    private int answered;
    private boolean isCounted;
    private boolean isSurplus;
    /** Whether the other end is the client, so that its address was counted when it came. */
    private boolean isClient;
    /** How many sockets the client's address has; {@code null} if that is not counted. */
    private Admissions.@Nullable Count count;
    /** What the proxy in front said before all else; {@code null} if there is none. */
    private @Nullable ProxyHeader proxied;
    /** The client's address, once it is known whether it is another than the other end's. */
    private @Nullable SocketAddress remote;

    Visitor(ServerSettings server, SocketTransport transport) {
        this.server = server;
        this.gates = server.gates();
        this.transport = transport;
    }

    ServerSettings server() {
        return server;
    }

    Gates gates() {
        return gates;
    }

    SocketTransport transport() {
        return transport;
    }

    /** The client's address as far as it is known. */
    SocketAddress remote() {
        return remote == null ? transport.remoteAddress() : remote;
    }

    /** Has {@code timer} looked at after {@code time}; never if that is zero. */
    void schedule(TimerWheel.Timer timer, Duration time) {
        long nanos = time.toNanos();
        if (nanos > 0) {
            transport.loop().core().timers().schedule(timer, nanos);
        }
    }

    void cancel(TimerWheel.Timer timer) {
        transport.loop().core().timers().cancel(timer);
    }

    /** Counts the socket, which has just come; whether it may stay. */
    boolean enter() {
        Admissions.Verdict verdict = gates.admissions().enter();
        isCounted = verdict != Admissions.Verdict.TURNED_AWAY;
        isSurplus = verdict == Admissions.Verdict.SURPLUS;
        SocketAddress peer = transport.remoteAddress();
        Networks proxies = gates.proxies();
        if (!isCounted || proxies != null && !proxies.contains(peer)) {
            return false;
        }
        Forwarding forwarding = gates.forwarding();
        isClient = proxies == null && (forwarding == null || !forwarding.isTrusted(peer));
        return !isClient || count(peer) != Admissions.Verdict.TURNED_AWAY;
    }

    private Admissions.Verdict count(SocketAddress client) {
        Admissions.Count before = count;
        count = gates.admissions().enter(client);
        if (before != null) {
            gates.admissions().leave(before);
        }
        return gates.admissions().verdict(count);
    }

    /** Whether the socket is one too many, and not to stay. */
    boolean isSurplus() {
        return isSurplus;
    }

    /** A proxy has said who the client is. */
    void proxied(ProxyHeader header) {
        proxied = header;
    }

    /** The client on whose behalf the request is; {@code null} if that is written in a wrong way. */
    Forwarding.@Nullable Client client(RequestHead head) {
        SocketAddress address = transport.remoteAddress();
        boolean isSecure = transport.isSecure();
        if (!gates.namesClients()) {
            return new Forwarding.Client(address, isSecure);
        }
        if (proxied != null && proxied.source() != null) {
            address = proxied.source();
            isSecure |= proxied.isSecure();
        }
        Forwarding forwarding = gates.forwarding();
        Forwarding.Client client = forwarding == null
                ? new Forwarding.Client(address, isSecure)
                : forwarding.find(address, isSecure, head.fields());
        remote = client == null ? null : client.address();
        return client;
    }

    /** What is answered to a client that may not open a connection now; {@code null} if it may. */
    Answer.@Nullable Refused turnedAway(SocketAddress client) {
        return gates.isOpen() ? crowdedOut(client) : gates.draining();
    }

    /** What is answered to a client of which there are too many, or one of too many; {@code null} if it may be served. */
    Answer.@Nullable Refused crowdedOut(SocketAddress client) {
        if (isSurplus) {
            return gates.full();
        }
        // Whoever speaks for others may speak for another one each time.
        Admissions.Verdict verdict = isClient ? gates.admissions().verdict(count) : count(client);
        return verdict == Admissions.Verdict.ADMITTED ? null : gates.fullOfAddress(client);
    }

    /** Counts what the heap is to hold of a request's head; whether there is room. */
    boolean holdHead(int bytes) {
        if (bytes > 0) {
            if (!RequestMemory.SHARED.tryTakeHead(bytes)) {
                return false;
            }
            headBytes = bytes;
        }
        return true;
    }

    /** Counts what the heap is to hold of a request's body; whether there is room. */
    boolean holdBody(int bytes) {
        if (bytes > 0) {
            if (!RequestMemory.SHARED.tryTakeBody(bytes)) {
                return false;
            }
            bodyBytes = bytes;
        }
        return true;
    }

    /** The request, without its offer to compress where the loop is short of memory for that: it is served all the same. */
    RequestHead withinMemory(RequestHead head) {
        HeaderFields fields = head.fields();
        if (!transport.loop().core().workspace().isShortToInflate() || !fields.contains(EXTENSIONS)) {
            return head;
        }
        HeaderFields.Builder others = HeaderFields.builder();
        for (int line = 0; line < fields.size(); line++) {
            if (!fields.name(line).equalsIgnoreCase(EXTENSIONS)) {
                others.add(fields.name(line), fields.value(line));
            }
        }
        return new RequestHead(head.method(), head.target(), head.version(), others.build());
    }

    /** Nothing is held of the last request any more. */
    void letGo() {
        if (headBytes > 0) {
            RequestMemory.SHARED.giveHead(headBytes);
            headBytes = 0;
        }
        if (bodyBytes > 0) {
            RequestMemory.SHARED.giveBody(bodyBytes);
            bodyBytes = 0;
        }
    }

    /** Counts a request that was answered; whether it is for others now to have their turn. */
    boolean hasHadItsTurn() {
        return ++answered % TURN_REQUESTS == 0;
    }

    /** Leaves the counts, {@link #headBytes} too, to another, who is to say when the socket has gone. */
    Admissions.@Nullable Count handOver() {
        isCounted = false;
        return count;
    }

    /** What counts of its request's head. */
    int headBytes() {
        return headBytes;
    }

    /** The socket has gone. */
    void leave() {
        if (isCounted) {
            isCounted = false;
            letGo();
            gates.left(count);
        }
    }
}
