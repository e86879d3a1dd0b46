package io.duplex.examples;

import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.net.CookieManager;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a client can be told. */
final class ClientOptions {
    private ClientOptions() {}

    static void headersAndCookies(String token) {
        // tag::request
        try (var client = WebSocketClient.builder()
                        .header("User-Agent", "my-program/1.0")
                        .cookies(new CookieManager())
                        .maxRedirects(3)
                        .build();
                var socket = client.request("wss://chat.example/room/java")
                        .bearerAuthorization(token)
                        .header("X-Trace", "42")
                        .subprotocols("chat.v2", "chat.v1")
                        .connect()) {
            socket.send("hello over " + socket.subprotocol());
        }
        // end::request
    }

    static void failures() {
        // tag::failure
        try (var client = WebSocketClient.create()) {
            client.connect("wss://chat.example/room/java", new WebSocketHandler() {});
        } catch (HandshakeException e) {
            System.err.println(e.getMessage()); // names the address, the phase, the proxy
            if (e.status() == 401) {
                System.err.println(e.headers().get("www-authenticate"));
                System.err.println(new String(e.body(), StandardCharsets.UTF_8)); // at most 8 KiB
            }
        }
        // end::failure
    }

    static WebSocketClient limits() {
        // tag::limits
        var client = WebSocketClient.builder()
                .connectTimeout(Duration.ofSeconds(2))
                .overallTimeout(Duration.ofSeconds(20))
                .maxConnecting(50)
                .build();
        // end::limits
        return client;
    }

    static void sharing(WebSocketClient client, WebSocketHandler handler) {
        // tag::sharing
        try (var other = WebSocketClient.builder()
                .sharing(client)
                .header("Authorization", "Bearer of-another-tenant")
                .build()) {
            WebSocket socket = other.connect("wss://chat.example/room/java", handler);
            socket.send("no thread was started for this");
        }
        // end::sharing
    }
}
