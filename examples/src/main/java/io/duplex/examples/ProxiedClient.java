package io.duplex.examples;

import io.duplex.client.Proxy;
import io.duplex.client.ProxyChoice;
import io.duplex.client.WebSocketClient;

/** A client behind a proxy. */
final class ProxiedClient {
    private ProxiedClient() {}

    static void oneProxy(String password) {
        // tag::proxy
        try (var client = WebSocketClient.builder()
                        .proxy(Proxy.http("proxy.example", 3128).credentials("me", password))
                        .build();
                var socket = client.connect("wss://chat.example/room/java")) {
            socket.send("hello through the tunnel");
        }
        // end::proxy
    }

    static WebSocketClient someProxies() {
        // tag::choice
        var client = WebSocketClient.builder()
                .proxies(ProxyChoice.always(Proxy.socks5("127.0.0.1", 1080))
                        .except("localhost", ".internal.example", "10.0.0.0/8"))
                .build();
        // end::choice
        return client;
    }

    static WebSocketClient environment() {
        // tag::environment
        var client =
                WebSocketClient.builder().proxies(ProxyChoice.environment()).build();
        // end::environment
        return client;
    }

    static WebSocketClient own(Proxy forSecure) {
        // tag::own
        var client = WebSocketClient.builder()
                .proxies(uri -> uri.isSecure() ? forSecure : null)
                .build();
        // end::own
        return client;
    }
}
