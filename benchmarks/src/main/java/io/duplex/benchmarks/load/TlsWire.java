package io.duplex.benchmarks.load;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS over a socket, by the JDK's engine. Any certificate will do: the servers measured make theirs themselves. */
final class TlsWire implements Wire {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Scratch scratch;
    /** The beginning of a record whose rest has not come. */
    private @Nullable ByteBuffer kept;
    /** Records that the socket would not take. */
    private @Nullable ByteBuffer unsent;

    /** What all connections of a run share. Confined to one thread. */
    static final class Scratch {
        private final SSLContext context;
        private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 17);
        private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 18);

        Scratch() {
            try {
                context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    TlsWire(SocketChannel channel, Scratch scratch) throws SSLException {
        this.channel = channel;
        this.scratch = scratch;
        engine = scratch.context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.beginHandshake();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        ByteBuffer in = scratch.in.clear();
        if (kept != null) {
            in.put(kept);
            kept = null;
        }
        boolean ended = channel.read(in) < 0;
        in.flip();
        int before = into.position();
        boolean more = true;
        while (more) {
            SSLEngineResult result = engine.unwrap(in, into);
            ended |= result.getStatus() == SSLEngineResult.Status.CLOSED;
            handshake();
            more = result.getStatus() == SSLEngineResult.Status.OK
                    && (result.bytesConsumed() > 0 || result.bytesProduced() > 0);
        }
        if (in.hasRemaining()) {
            kept = ByteBuffer.allocate(in.remaining()).put(in).flip();
        }
        int bytes = into.position() - before;
        return bytes == 0 && ended ? -1 : bytes;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        if (!flush() || !handshake()) {
            return;
        }
        while (from.hasRemaining() && unsent == null) {
            ByteBuffer out = scratch.out.clear();
            while (from.hasRemaining() && engine.wrap(from, out).getStatus() == SSLEngineResult.Status.OK) {
                // as many records as fit
            }
            send(out.flip());
        }
    }

    /** Does the engine's part of the handshake. Returns whether there is nothing left to do. */
    private boolean handshake() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                ByteBuffer out = scratch.out.clear();
                if (engine.wrap(NOTHING, out).getStatus() == SSLEngineResult.Status.CLOSED) {
                    return false;
                }
                send(out.flip());
            } else {
                return status == HandshakeStatus.NOT_HANDSHAKING;
            }
        }
    }

    private void send(ByteBuffer records) throws IOException {
        if (unsent == null) {
            channel.write(records);
        }
        if (records.hasRemaining()) {
            int before = unsent == null ? 0 : unsent.remaining();
            ByteBuffer all = ByteBuffer.allocateDirect(before + records.remaining());
            if (unsent != null) {
                all.put(unsent);
            }
            unsent = all.put(records).flip();
        }
    }

    private boolean flush() throws IOException {
        if (unsent != null) {
            channel.write(unsent);
            if (unsent.hasRemaining()) {
                return false;
            }
            unsent = null;
        }
        return true;
    }

    @Override
    public boolean awaitsSocket(boolean leftOver) {
        // During the handshake it is the peer that is waited for.
        return unsent != null;
    }

    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
