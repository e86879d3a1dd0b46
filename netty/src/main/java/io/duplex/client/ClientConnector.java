package io.duplex.client;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connector;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** Connects for other faces: one {@link WebSocketClient}, and one more on its event loops for each TLS context. Thread-safe. */
final class ClientConnector implements Connector {
    private final WebSocketClient client = WebSocketClient.create();
    private final Map<SSLContext, WebSocketClient> trusting = new ConcurrentHashMap<>();

    @Override
    public CompletableFuture<WebSocket> connect(
            Request request, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        ConnectRequest connect = client(request)
                .request(request.uri())
                .subprotocols(request.subprotocols().toArray(String[]::new))
                .extensions(new OfferedExtensions(request.compression(), request.otherExtensions()));
        for (int line = 0; line < request.fields().size(); line++) {
            connect.header(request.fields().name(line), request.fields().value(line));
        }
        return connect.connectAsync(handlers);
    }

    private WebSocketClient client(Request request) {
        SSLContext tls = request.tls();
        return tls == null
                ? client
                : trusting.computeIfAbsent(
                        tls,
                        context -> WebSocketClient.builder()
                                .sharing(client)
                                .tls(context)
                                .build());
    }

    @Override
    public void close() {
        trusting.values().forEach(WebSocketClient::close);
        client.close();
    }
}
