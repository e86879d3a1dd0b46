package io.duplex.client;

import io.duplex.HandshakeException;
import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketTransport;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Has a proxy make a tunnel to the server (RFC 6455 §4.1). Confined to the socket's event loop. */
final class ProxyTunnel implements Stage {
    private final ClientSettings client;
    private final ConnectionAttempt attempt;
    private final Proxy proxy;
    private final ProxyDialogue dialogue;
    private final SocketTransport transport;
    private final HeadBuffer gathered;
    private boolean done;

    ProxyTunnel(
            ClientSettings client,
            ConnectionAttempt attempt,
            Proxy proxy,
            ProxyDialogue dialogue,
            SocketTransport transport) {
        this.client = client;
        this.attempt = attempt;
        this.proxy = proxy;
        this.dialogue = dialogue;
        this.transport = transport;
        this.gathered = new HeadBuffer(transport.loop());
    }

    @Override
    public void onConnected() {
        attempt.phase("waiting for the answer of proxy " + proxy);
        transport.write(ByteBuffer.wrap(dialogue.start()));
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (done) {
            in.position(in.limit());
            return;
        }
        ByteBuffer bytes = gathered.join(in);
        byte[] answer = dialogue.receive(bytes);
        while (answer.length > 0) {
            transport.write(ByteBuffer.wrap(answer));
            answer = dialogue.receive(bytes);
        }
        if (dialogue.isRefused()) {
            failRefused();
        } else if (dialogue.isOpen()) {
            onOpen(bytes);
        }
        if (done) {
            bytes.position(bytes.limit());
            gathered.release();
        } else {
            gathered.keep(bytes);
        }
    }

    private void onOpen(ByteBuffer rest) {
        if (rest.hasRemaining()) {
            // The server says nothing before it is asked.
            attempt.fail(attempt.failure("proxy " + proxy + " sent more than its answer", null));
            return;
        }
        done = true;
        attempt.onTunnel(transport);
    }

    private void failRefused() {
        HandshakeException refusal = refusal();
        if (refusal != null) {
            attempt.fail(refusal);
        }
    }

    @Override
    public @Nullable HandshakeException refusal() {
        HandshakeException refusal = dialogue.refusal();
        return refusal == null ? null : attempt.failure("proxy " + proxy + " ", refusal, refusal.body());
    }

    @Override
    public void abandon() {
        done = true;
        transport.abort();
    }

    @Override
    public void onEof() {
        if (!done) {
            failRefused();
            attempt.fail(attempt.failure("proxy " + proxy + " closed the connection before the tunnel stood", null));
        }
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        gathered.release();
        client.sockets().remove(transport);
        if (done) {
            return;
        }
        done = true;
        failRefused();
        String what = failure instanceof SSLException ? "TLS with proxy " : "connection to proxy ";
        attempt.fail(attempt.failure(what + proxy + " " + why(failure), failure));
    }

    private static String why(@Nullable Throwable failure) {
        if (failure instanceof NotSslRecordException) {
            return "failed: it does not speak TLS on this port: use http://";
        }
        return failure == null ? "was closed" : "failed: " + failure.getMessage();
    }

    @Override
    public void onShutdown() {
        attempt.fail(attempt.failure("client is closed", null));
        transport.abort();
    }
}
