package io.duplex.client;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Role;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.ResponseHead;
import io.duplex.handshake.WebSocketUri;
import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketTransport;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake on one socket (RFC 6455 §4.1): sends the request, checks the response, and ends in a connection or in
 * a failure with what the server said. Nothing goes out in between. Confined to the socket's event loop.
 */
final class ClientOpening implements Stage {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final ClientSettings client;
    private final ConnectionAttempt attempt;
    private final WebSocketUri uri;
    private final ClientHandshake handshake;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final SocketTransport transport;
    private final HeadDecoder<ResponseHead> decoder;
    private final HeadBuffer gathered;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onCloseTimeout);
    private boolean connected;
    private boolean done;
    /** Why the server refused, and the body that follows; both {@code null} as long as it did not. */
    private @Nullable HandshakeException answer;

    private @Nullable ResponseBody body;

    ClientOpening(
            ClientSettings client,
            ConnectionAttempt attempt,
            WebSocketUri uri,
            ClientHandshake handshake,
            Function<? super Handshake, ? extends WebSocketHandler> handlers,
            SocketTransport transport) {
        this.client = client;
        this.attempt = attempt;
        this.uri = uri;
        this.handshake = handshake;
        this.handlers = handlers;
        this.transport = transport;
        this.decoder =
                HeadDecoder.forResponses(client.limits(), transport.loop().headScratch());
        this.gathered = new HeadBuffer(transport.loop());
    }

    @Override
    public void onConnected() {
        connected = true;
        attempt.phase("waiting for the server's answer");
        transport.write(ByteBuffer.wrap(handshake.request().toBytes()));
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (done) {
            in.position(in.limit());
            return;
        }
        ByteBuffer bytes = gathered.join(in);
        if (body == null) {
            readHeads(bytes);
        }
        if (body != null) {
            readBody(body, bytes);
        }
        if (done || body != null) {
            gathered.handOn(bytes, transport);
        } else {
            gathered.keep(bytes);
        }
    }

    /** Reads interim responses (1xx) and the final one. */
    private void readHeads(ByteBuffer in) {
        ResponseHead head;
        do {
            head = decoder.decode(in);
        } while (head != null && !isFinal(head));
        HandshakeFault fault = decoder.fault();
        if (fault != null && !done) {
            attempt.fail(attempt.failure("server's answer breaks HTTP: " + fault.description(), null));
        }
    }

    private boolean isFinal(ResponseHead head) {
        try {
            Agreement agreement = handshake.validate(head);
            if (agreement == null) {
                return false;
            }
            if (keepCookies(head)) {
                open(agreement, head.fields());
            }
        } catch (HandshakeException refusal) {
            if (!keepCookies(head) || attempt.redirect(head)) {
                return true;
            }
            if (head.status() == SWITCHING_PROTOCOLS) {
                attempt.fail(attempt.failure("", refusal, new byte[0]));
            } else {
                answer = refusal;
                body = new ResponseBody(head);
            }
        }
        return true;
    }

    private boolean keepCookies(ResponseHead head) {
        try {
            client.cookies().keep(uri, head.fields());
            return true;
        } catch (IOException | RuntimeException e) {
            attempt.fail(attempt.failure("keeping the cookies failed", e));
            return false;
        }
    }

    private void open(Agreement agreement, HeaderFields responseFields) {
        Handshake completed = new CompletedHandshake(
                handshake.request(),
                agreement,
                responseFields,
                Map.of(),
                transport.remoteAddress(),
                uri.isSecure(),
                uri.isSecure() ? transport.peerCertificates() : List.of());
        Connection connection;
        try {
            connection = new Connection(
                    Role.CLIENT,
                    completed,
                    agreement.deflate(),
                    Objects.requireNonNull(handlers.apply(completed), "the handler is null"),
                    client.connections(),
                    transport.loop().core(),
                    transport);
        } catch (Throwable fault) {
            attempt.fail(attempt.failure("making the handler failed", fault));
            return;
        }
        done = true;
        transport.listener(new ClientConnection(connection, transport, client.sockets()));
        connection.onOpen();
        attempt.succeed(connection);
    }

    private void readBody(ResponseBody content, ByteBuffer in) {
        content.receive(in);
        if (content.isComplete()) {
            failRefused();
        }
    }

    @Override
    public @Nullable HandshakeException refusal() {
        HandshakeException refusal = answer;
        return refusal == null ? null : attempt.failure("", refusal, body == null ? new byte[0] : body.bytes());
    }

    private void failRefused() {
        HandshakeException refusal = refusal();
        if (refusal != null) {
            attempt.fail(refusal);
        }
    }

    @Override
    public void abandon() {
        done = true;
        if (!connected) {
            transport.abort();
            return;
        }
        transport.close();
        long nanos = client.timeouts().close().toNanos();
        if (nanos > 0) {
            transport.loop().core().timers().schedule(timer, nanos);
        }
    }

    private long onCloseTimeout(long nowNanos) {
        transport.abort();
        return TimerWheel.Watch.NEVER;
    }

    @Override
    public void onEof() {
        if (done) {
            return;
        }
        failRefused();
        attempt.fail(attempt.failure("server closed the connection before it answered", null));
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        transport.loop().core().timers().cancel(timer);
        gathered.release();
        client.sockets().remove(transport);
        if (done) {
            return;
        }
        done = true;
        failRefused();
        if (failure instanceof NotSslRecordException) {
            // Another cause, for the message of this one holds what the server sent.
            Throwable cause = new SSLException("not a TLS record");
            attempt.fail(attempt.failure("the server does not speak TLS on this port: use ws://", cause));
        } else if (failure instanceof SSLException) {
            attempt.fail(attempt.failure("TLS failed: " + failure.getMessage(), failure));
        } else if (failure != null) {
            attempt.fail(attempt.failure("connection was lost: " + failure.getMessage(), failure));
        } else {
            attempt.fail(attempt.failure("server closed the connection before it answered", null));
        }
    }

    @Override
    public void onShutdown() {
        attempt.fail(attempt.failure("client is closed", null));
        transport.abort();
    }
}
