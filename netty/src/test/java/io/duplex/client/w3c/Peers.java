package io.duplex.client.w3c;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.client.WebSocketClient;
import io.duplex.transport.RawPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** A server byte by byte, and an environment whose sockets may connect to it. Confined to one thread at a time. */
final class Peers implements AutoCloseable {
    private final ServerSocket listening;
    private final WebSocketClient client;
    private final Environment.Builder builder;

    Peers() throws IOException {
        this(Limits.DEFAULT);
    }

    Peers(Limits limits) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.builder()
                .limits(limits)
                .timeouts(Timeouts.builder().close(Duration.ofMillis(500)).build())
                .header("Cookie", "a=b")
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

    RawPeer accept() throws IOException {
        return RawPeer.accept(listening);
    }

    /** Accepts a connection and its handshake. */
    RawPeer open() throws IOException {
        RawPeer peer = accept();
        peer.acceptHandshake();
        return peer;
    }

    @Override
    public void close() throws IOException {
        client.close();
        listening.close();
    }
}
