package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Role;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.transport.CompletedHandshake;
import io.duplex.transport.HeadBuffer;
import io.duplex.transport.OpenConnection;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake on one socket (RFC 6455 §4.2): reads the request head from the first bytes on, and ends in a
 * connection, a refusal, or an ordinary HTTP exchange. Confined to the socket's event loop.
 */
final class ServerOpening implements SocketListener {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int INTERNAL_ERROR = 500;

    private final ServerSettings server;
    private final SocketTransport transport;
    private final HeadDecoder<RequestHead> decoder;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private final HeadBuffer gathered;
    private boolean done;
    /** Whether no answer may have a body (RFC 9110 §9.3.2). */
    private boolean headOnly;

    ServerOpening(ServerSettings server, SocketTransport transport) {
        this.server = server;
        this.transport = transport;
        this.decoder = HeadDecoder.forRequests(server.limits(), transport.loop().headScratch());
        this.gathered = new HeadBuffer(transport.loop());
    }

    @Override
    public void onActive() {
        long nanos = server.timeouts().handshake().toNanos();
        if (nanos > 0) {
            transport.loop().core().timers().schedule(timer, nanos);
        }
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (done) {
            in.position(in.limit());
            return;
        }
        ByteBuffer bytes = gathered.join(in);
        read(bytes);
        if (done) {
            gathered.handOn(bytes, transport);
        } else {
            gathered.keep(bytes);
        }
    }

    private void read(ByteBuffer in) {
        int start = in.position();
        RequestHead head = decoder.decode(in);
        HandshakeFault fault = decoder.fault();
        if (head != null) {
            int afterHead = in.position();
            headOnly = head.method().equals("HEAD");
            answer(head, in.position(start), afterHead);
        } else if (fault != null) {
            refuse(Answer.Refused.of(fault));
            in.position(in.limit());
        }
    }

    private void answer(RequestHead head, ByteBuffer in, int afterHead) {
        Routes.Match<WebSocketRoute> match = server.routes().find(head.path());
        boolean upgrade = ServerHandshake.isUpgrade(head);
        if (match == null || !upgrade && server.httpRoutes().find(head.path()) != null) {
            if (upgrade) {
                in.position(afterHead);
                refuse(Answer.Refused.of(404, HeaderFields.EMPTY, "no WebSocket endpoint at this path"));
            } else {
                end();
                HttpExchange.take(transport, server, in);
            }
            return;
        }
        in.position(afterHead);
        WebSocketRoute route = match.target();
        Answer answer = route.handshake().answer(head, transport.isSecure());
        if (answer instanceof Answer.Accepted accepted) {
            Handshake handshake = new CompletedHandshake(
                    head,
                    accepted.agreement(),
                    match.parameters(),
                    transport.remoteAddress(),
                    transport.isSecure(),
                    transport.peerCertificates());
            open(route, accepted, handshake);
        } else if (answer instanceof Answer.Refused refused) {
            refuse(refused);
        }
    }

    private void open(WebSocketRoute route, Answer.Accepted accepted, Handshake handshake) {
        WebSocketHandler handler;
        try {
            handler = route.handlers().apply(handshake);
        } catch (HandshakeException refusal) {
            if (refusal.status() >= 300 && refusal.status() <= 599) {
                refuse(refusal, route);
            } else {
                // One that no status came with, such as of a client that connects on behalf of this one.
                refuseAfter(refusal, route);
            }
            return;
        } catch (Throwable fault) {
            refuseAfter(fault, route);
            return;
        }
        transport.writeHead(accepted.toBytes());
        Connection connection = new Connection(
                Role.SERVER,
                handshake,
                accepted.agreement().deflate(),
                handler,
                server.connections(),
                transport.loop().core(),
                transport);
        end();
        transport.listener(new OpenConnection(connection));
        connection.onOpen();
    }

    /** Refuses as the application says, with its fields, such as WWW-Authenticate (RFC 9110 §15.5.2). */
    private void refuse(HandshakeException refusal, WebSocketRoute route) {
        Answer.Refused answer;
        try {
            HeaderFields.Builder fields = HeaderFields.builder();
            refusal.headers().forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
            answer = Answer.Refused.of(refusal.status(), fields.build(), String.valueOf(refusal.getMessage()));
        } catch (IllegalArgumentException unsendable) {
            refuseAfter(unsendable, route);
            return;
        }
        refuse(answer);
    }

    private void refuseAfter(Throwable fault, WebSocketRoute route) {
        server.logFault("making the handler of " + route.template() + " failed", fault);
        refuse(Answer.Refused.of(INTERNAL_ERROR, HeaderFields.EMPTY, "internal error"));
    }

    private void refuse(Answer.Refused refusal) {
        end();
        transport.writeHead(headOnly ? refusal.head().toBytes() : refusal.toBytes());
        transport.close();
        closeWithin();
    }

    /** Bounds how long a refused peer may keep the socket. */
    private void closeWithin() {
        long nanos = server.timeouts().close().toNanos();
        if (nanos > 0) {
            transport.loop().core().timers().schedule(timer, nanos);
        }
    }

    private void end() {
        done = true;
        transport.loop().core().timers().cancel(timer);
    }

    private long onTimeout(long nowNanos) {
        if (done || gathered.isEmpty()) {
            transport.abort();
        } else {
            gathered.release();
            refuse(Answer.Refused.of(REQUEST_TIMEOUT, HeaderFields.EMPTY, "request head took too long"));
        }
        return TimerWheel.Watch.NEVER;
    }

    @Override
    public void onEof() {
        if (!done) {
            end();
            transport.close();
            closeWithin();
        }
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        end();
        gathered.release();
    }

    @Override
    public void onShutdown() {
        transport.abort();
    }
}
