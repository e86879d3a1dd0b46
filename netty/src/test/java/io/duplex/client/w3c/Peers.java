package io.duplex.client.w3c;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.client.WebSocketClient;
import io.duplex.transport.RawPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server byte by byte, and an environment whose sockets may connect to it, anew for each test. Confined to one thread at a
 * time.
 */
final class Peers implements BeforeEachCallback, AfterEachCallback {
    private static final Duration SHORT = Duration.ofMillis(500);
    /** For servers that do their part, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private ServerSocket listening;
    private WebSocketClient client;
    private Environment.Builder builder;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        begin(Limits.DEFAULT, LONG);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        close();
    }

    /** Begins again, with sockets that have these limits, and that do not wait for servers which do not answer. */
    void limits(Limits limits) throws IOException {
        close();
        begin(limits, SHORT);
    }

    /** Begins again, with sockets that do not wait for servers which do not answer. */
    void doNotWait() throws IOException {
        limits(Limits.DEFAULT);
    }

    private void begin(Limits limits, Duration closeTimeout) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.builder()
                .limits(limits)
                .timeouts(Timeouts.builder().close(closeTimeout).build())
                .header("Cookie", "a=b")
                .header("Authorization", "Bearer of-the-client")
                .maxRedirects(3)
                .build();
        builder = Environment.builder().client(client).keepsJvmAlive(false);
    }

    ServerSocket listening() {
        return listening;
    }

    Environment.Builder builder() {
        return builder;
    }

    String url() {
        return "ws://" + authority() + "/chat";
    }

    String authority() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    BrowserWebSocket connect(String... protocols) {
        return new BrowserWebSocket(builder.build(), url(), protocols);
    }

    /** Connects a socket whose events are dispatched on {@code loop}. */
    BrowserWebSocket connectOn(ManualLoop loop) {
        builder.executor(loop);
        return connect();
    }

    RawPeer accept() throws IOException {
        return RawPeer.accept(listening);
    }

    /** Accepts a connection and its handshake. */
    RawPeer open() throws IOException {
        RawPeer peer = accept();
        peer.acceptHandshake();
        return peer;
    }

    /** Ends server and client before the end of the test. */
    void close() throws IOException {
        client.close();
        listening.close();
    }
}
