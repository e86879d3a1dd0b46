package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.ClientCall;
import io.duplex.connection.ClientHost;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Loop;
import io.duplex.handshake.WebSocketUri;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.TestHandshake;
import io.duplex.testkit.VirtualLoop;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A client without sockets below a service. Confined to the test's thread. */
final class FakeClientHost implements ClientHost {
    private final MemoryHost sessions = new MemoryHost();
    private final List<Attempt> attempts = new ArrayList<>();
    private @Nullable RuntimeException fault;

    VirtualLoop loop() {
        return sessions.loop();
    }

    /** The sessions that are open. */
    List<Connection> sessions() {
        return sessions.sessions();
    }

    void limits(Limits bounds) {
        sessions.limits(bounds);
    }

    /** From now on connecting throws that. */
    void breakBy(RuntimeException next) {
        fault = next;
    }

    /** All attempts to connect a WebSocket so far. */
    List<Attempt> attempts() {
        return attempts;
    }

    /** The last attempt, which nothing has become of. */
    Attempt attempt() {
        Attempt last = attempts.get(attempts.size() - 1);
        assertThat(last.future).isNotDone();
        return last;
    }

    /** A WebSocket that is being connected. */
    final class Attempt {
        private final ClientCall call;
        private final Limits limits;
        private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
        private final CompletableFuture<WebSocket> future = new CompletableFuture<>();

        private Attempt(
                ClientCall call, Limits limits, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            this.call = call;
            this.limits = limits;
            this.handlers = handlers;
        }

        ClientCall call() {
            return call;
        }

        Limits limits() {
            return limits;
        }

        boolean isOpen() {
            return !future.isDone();
        }

        void fail() {
            future.completeExceptionally(new HandshakeException("no way", null));
            loop().run();
        }

        /** It is there. */
        ServerEnd open() {
            ServerEnd end = new ServerEnd();
            TestHandshake handshake = TestHandshake.of("/").subprotocol(Polling.CARRIER_PROTOCOL);
            MemoryLink link =
                    new MemoryNetwork(loop()).limits(limits).connect(handlers.apply(handshake), end, handshake);
            end.link = link;
            loop().run();
            future.complete(link.client());
            return end;
        }
    }

    /** The server's end of a WebSocket that carries a session. */
    final class ServerEnd implements WebSocketHandler {
        private final List<Block> blocks = new ArrayList<>();
        private @Nullable MemoryLink link;
        private @Nullable CloseOutcome outcome;

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            ByteBuffer copy =
                    ByteBuffer.allocate(payload.remaining()).put(payload).flip();
            Block block = Block.parse(Role.CLIENT, copy);
            assertThat(block).isNotNull();
            blocks.add(block);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome ended) {
            outcome = ended;
        }

        /** What has come, and was not asked for yet. */
        List<Block> take() {
            List<Block> taken = List.copyOf(blocks);
            blocks.clear();
            return taken;
        }

        @Nullable CloseOutcome outcome() {
            return outcome;
        }

        void send(ByteBuffer block) {
            link().server().send(block);
            loop().run();
        }

        void sendText(String text) {
            link().server().send(text);
            loop().run();
        }

        void close(int code) {
            link().server().close(code, "");
            loop().run();
        }

        void cut() {
            link().cut();
            loop().run();
        }

        private MemoryLink link() {
            return Objects.requireNonNull(link);
        }
    }

    @Override
    public CompletableFuture<WebSocket> connect(
            ClientCall call, Limits limits, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        if (fault != null) {
            throw fault;
        }
        Attempt attempt = new Attempt(call, limits, handlers);
        attempts.add(attempt);
        return attempt.future;
    }

    @Override
    public ConnectionSettings settings() {
        return sessions.settings();
    }

    @Override
    public Loop nextLoop() {
        return loop().shared();
    }

    @Override
    public boolean isReachedByHttp(WebSocketUri uri) {
        return true;
    }

    @Override
    public ProxySelector proxies() {
        return ProxySelector.of(null);
    }

    @Override
    public @Nullable SSLContext tls() {
        return null;
    }

    @Override
    public @Nullable CookieHandler cookies() {
        return null;
    }

    @Override
    public void opened(Connection session) {
        sessions.opened(session);
    }

    @Override
    public void closed(Connection session, CloseOutcome outcome) {
        sessions.closed(session, outcome);
    }
}
