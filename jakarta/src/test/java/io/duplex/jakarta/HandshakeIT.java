package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.handshake.OriginPolicy;
import io.duplex.jakarta.TestServer.Peer;
import io.duplex.server.Authentication;
import io.duplex.server.Authenticator;
import io.duplex.server.WebSocketServer;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The opening handshake, over real sockets (Jakarta WebSocket §3). */
class HandshakeIT {
    /** Answers what the session says. */
    @ServerEndpoint(
            value = "/facts/{id}",
            subprotocols = {"one", "two"})
    public static class Facts {
        @OnMessage
        public String fact(String name, Session session) {
            return switch (name) {
                case "uri" -> session.getRequestURI().toString();
                case "query" -> session.getQueryString();
                case "parameters" -> new TreeMap<>(session.getRequestParameterMap()).toString();
                case "path" -> session.getPathParameters().toString();
                case "subprotocol" -> session.getNegotiatedSubprotocol();
                case "extensions" -> names(session.getNegotiatedExtensions());
                case "version" -> session.getProtocolVersion();
                case "secure" -> String.valueOf(session.isSecure());
                case "properties" -> String.valueOf(session.getUserProperties().get("note"));
                default -> String.valueOf(session.getUserPrincipal());
            };
        }
    }

    private static String names(List<Extension> extensions) {
        return extensions.stream().map(Extension::getName).toList().toString();
    }

    /** Decides by itself. */
    public static final class Deciding extends ServerEndpointConfig.Configurator {
        @Override
        public boolean checkOrigin(String origin) {
            return "http://friend.test".equals(origin);
        }

        @Override
        public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
            return requested.get(requested.size() - 1);
        }

        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            response.getHeaders().putAll(request.getHeaders());
            response.getHeaders().put("X-Query", List.of(String.valueOf(request.getQueryString())));
            config.getUserProperties().put("note", request.getParameterMap().get("id"));
        }
    }

    /** Has a configurator. */
    @ServerEndpoint(value = "/decided/{id}", configurator = Deciding.class, subprotocols = "one")
    public static class Decided extends Facts {
        @Override
        @OnMessage
        public String fact(String name, Session session) {
            return super.fact(name, session);
        }
    }

    private static ClientEndpointConfig.Builder withHeader(
            String name, String value, CompletableFuture<Map<String, List<String>>> response) {
        return ClientEndpointConfig.Builder.create().configurator(new ClientEndpointConfig.Configurator() {
            @Override
            public void beforeRequest(Map<String, List<String>> headers) {
                headers.put(name, new ArrayList<>(List.of(value)));
            }

            @Override
            public void afterResponse(HandshakeResponse answer) {
                response.complete(new ConcurrentHashMap<>(answer.getHeaders()));
            }
        });
    }

    @Test
    void aSessionKnowsItsRequest() throws Exception { // §2.1.2
        try (TestServer server = new TestServer(Facts.class)) {
            Peer peer = server.connect("/facts/5?a=1&a=2&b=x%20y");
            assertThat(peer.ask("uri"))
                    .isEqualTo(server.uri("/facts/5?a=1&a=2&b=x%20y").toString());
            assertThat(peer.ask("query")).isEqualTo("a=1&a=2&b=x%20y");
            assertThat(peer.ask("parameters")).isEqualTo("{a=[1, 2], b=[x y], id=[5]}");
            assertThat(peer.ask("path")).isEqualTo("{id=5}");
            assertThat(peer.ask("subprotocol")).isEmpty();
            assertThat(peer.ask("extensions")).isEqualTo("[]");
            assertThat(peer.ask("version")).isEqualTo("13");
            assertThat(peer.ask("secure")).isEqualTo("false");
            assertThat(peer.ask("principal")).isEqualTo("null");
        }
    }

    @Test
    void theFirstSubprotocolThatTheClientPrefersIsChosen() throws Exception { // §3.1.2
        try (TestServer server = new TestServer(Facts.class)) {
            ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                    .preferredSubprotocols(List.of("zero", "two", "one"))
                    .build();
            Peer peer = server.connect("/facts/1", config);
            assertThat(peer.ask("subprotocol")).isEqualTo("two");
            assertThat(peer.session.getNegotiatedSubprotocol()).isEqualTo("two");
        }
    }

    @Test
    void compressionIsAnExtensionThatTheClientNames() throws Exception { // §3.1.3, §3.2.2
        try (TestServer server = new TestServer(Facts.class)) {
            ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                    .extensions(new ArrayList<>(server.client.getInstalledExtensions()))
                    .build();
            Peer peer = server.connect("/facts/1", config);
            assertThat(peer.ask("extensions")).isEqualTo("[permessage-deflate]");
            assertThat(names(peer.session.getNegotiatedExtensions())).isEqualTo("[permessage-deflate]");
        }
    }

    @Test
    void aPageOfAnotherOriginMayNotConnectUnlessToldOtherwise() throws Exception { // §3.1.4
        CompletableFuture<Map<String, List<String>>> response = new CompletableFuture<>();
        ClientEndpointConfig other =
                withHeader("Origin", "http://other.test", response).build();
        try (TestServer server = new TestServer(Facts.class)) {
            assertThatThrownBy(() -> server.connect("/facts/1", other))
                    .isInstanceOf(DeploymentException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            HandshakeException.class,
                            refused -> assertThat(refused.status()).isEqualTo(403));
        }
        try (TestServer server =
                new TestServer(DuplexServerContainer.builder().origins(OriginPolicy.any()), Facts.class)) {
            assertThat(server.connect("/facts/1", other).ask("version")).isEqualTo("13");
        }
    }

    @Test
    void aConfiguratorThatChecksTheOriginDecidesAlone() throws Exception { // §3.1.4
        try (TestServer server = new TestServer(Decided.class)) {
            ClientEndpointConfig friend = withHeader("Origin", "http://friend.test", new CompletableFuture<>())
                    .build();
            assertThat(server.connect("/decided/1", friend).ask("version")).isEqualTo("13");
            assertThatThrownBy(() -> server.connect("/decided/1")).isInstanceOf(DeploymentException.class);
        }
    }

    @Test
    void aConfiguratorMayChooseAndAddWhatItLikesButNotBreakTheHandshake() throws Exception { // §3.1.2, §3.1.5
        try (TestServer server = new TestServer(Decided.class)) {
            CompletableFuture<Map<String, List<String>>> response = new CompletableFuture<>();
            ClientEndpointConfig config = withHeader("Origin", "http://friend.test", response)
                    .preferredSubprotocols(List.of("one", "anything"))
                    .build();
            Peer peer = server.connect("/decided/7?x=y", config);
            assertThat(peer.ask("subprotocol")).isEqualTo("anything");
            assertThat(peer.ask("properties")).isEqualTo("[7]");
            assertThat(response.join()).containsEntry("x-query", List.of("x=y"));
            assertThat(response.join().get("sec-websocket-accept")).hasSize(1);
        }
    }

    @Test
    void theUserIsWhomTheServersAuthenticatorFound() throws Exception { // §2.1.2
        WebSocketServer.Builder host = WebSocketServer.builder()
                .authenticator(Authenticator.immediate(handshake -> handshake.header("X-Name") == null
                        ? Authentication.refuse(401)
                        : Authentication.accept(String.valueOf(handshake.header("X-Name")))));
        try (TestServer server = new TestServer(DuplexServerContainer.builder(), host, Facts.class)) {
            assertThatThrownBy(() -> server.connect("/facts/1"))
                    .isInstanceOf(DeploymentException.class)
                    .hasMessageContaining("401");
            ClientEndpointConfig ada =
                    withHeader("X-Name", "Ada", new CompletableFuture<>()).build();
            assertThat(server.connect("/facts/1", ada).ask("principal")).contains("Ada");
        }
    }

    @Test
    void whereNoEndpointStandsIsNotFound() throws Exception {
        try (TestServer server = new TestServer(Facts.class)) {
            assertThatThrownBy(() -> server.connect("/nothing"))
                    .isInstanceOf(DeploymentException.class)
                    .hasMessageContaining("404");
        }
    }
}
