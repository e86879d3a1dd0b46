package io.duplex.examples;

import io.duplex.HandshakeException;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.tls.ClientTls;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsIdentity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;

final class SecureServer {
    private SecureServer() {}

    static WebSocketServer oneCertificate() {
        // tag::server
        WebSocketServer server = WebSocketServer.builder()
                .port(8443)
                .tls(Path.of("chain.pem"), Path.of("key.pem"))
                .route("/chat/{room}", ChatHandler::new)
                .start();
        // end::server
        return server;
    }

    static WebSocketServer.Builder reloaded() {
        // tag::reload
        TlsIdentity identity = TlsIdentity.of(Path.of("chain.pem"), Path.of("key.pem"));
        WebSocketServer.Builder builder =
                WebSocketServer.builder().tls(ServerTls.builder(identity).build());

        identity.reload(); // not needed, but says at once what is wrong with new files
        // end::reload
        return builder;
    }

    static ServerTls severalHosts() {
        // tag::hosts
        ServerTls tls = ServerTls.builder(TlsIdentity.of(Path.of("main.pem"), Path.of("main.key")))
                .identity("chat.example", TlsIdentity.of(Path.of("chat.pem"), Path.of("chat.key")))
                .identity("*.rooms.example", TlsIdentity.of(Path.of("rooms.pem"), Path.of("rooms.key")))
                .build();
        // end::hosts
        return tls;
    }

    static WebSocketServer.Builder mutual(TlsIdentity identity) {
        // tag::mutual
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .tls(ServerTls.builder(identity)
                        .requireClientCertificate(Path.of("clients-ca.pem"))
                        .build())
                .route("/chat/{room}", handshake -> {
                    X509Certificate client = handshake.peerCertificates().get(0);
                    if (!client.getSubjectX500Principal().getName().startsWith("CN=chat-")) {
                        throw new HandshakeException(403, "this certificate may not chat");
                    }
                    return new ChatHandler(handshake);
                });
        // end::mutual
        return builder;
    }

    static WebSocketClient client() {
        // tag::client
        WebSocketClient client = WebSocketClient.builder()
                .tls(ClientTls.builder()
                        .trust(Path.of("servers-ca.pem"))
                        .identity(TlsIdentity.of(Path.of("chat-7.pem"), Path.of("chat-7.key")))
                        .build())
                .build();
        // end::client
        return client;
    }
}
