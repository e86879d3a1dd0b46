package io.duplex.benchmarks.peer;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Vert.x: one event loop, native transport, whole messages. */
final class VertxEcho {
    /** Confined to the event loop. */
    private static final Set<ServerWebSocket> SUBSCRIBERS = new LinkedHashSet<>();

    private VertxEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions peer = PeerOptions.parse(arguments);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(PeerOptions.HOST)
                .setPort(peer.port())
                .setAcceptBacklog(PeerOptions.BACKLOG)
                .setMaxWebSocketFrameSize(PeerOptions.MAX_MESSAGE_BYTES)
                .setMaxWebSocketMessageSize(PeerOptions.MAX_MESSAGE_BYTES)
                .setPerMessageWebSocketCompressionSupported(true)
                .setTcpNoDelay(true);
        if (peer.tls()) {
            PeerCertificate certificate = PeerCertificate.create();
            options.setSsl(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(certificate.chain().toString())
                            .setKeyPath(certificate.key().toString()));
            if (OpenSSLEngineOptions.isAvailable()) {
                options.setSslEngineOptions(new OpenSSLEngineOptions());
            }
        }
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        HttpServer server = vertx.createHttpServer(options)
                .webSocketHandler(VertxEcho::open)
                .listen()
                .await(10, TimeUnit.SECONDS);
        peer.listening(server.actualPort());
    }

    private static void open(ServerWebSocket socket) {
        if (socket.path().startsWith(PeerOptions.FANOUT)) {
            SUBSCRIBERS.add(socket);
            socket.closeHandler(closed -> SUBSCRIBERS.remove(socket));
            socket.binaryMessageHandler(VertxEcho::publish);
        } else {
            socket.textMessageHandler(socket::writeTextMessage);
            socket.binaryMessageHandler(socket::writeBinaryMessage);
        }
    }

    private static void publish(Buffer payload) {
        for (ServerWebSocket subscriber : SUBSCRIBERS) {
            subscriber.writeBinaryMessage(payload);
        }
    }
}
