package io.duplex.conformance.fallback;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.conformance.interop.NodeScripts;
import io.duplex.polling.Polling;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client of JavaScript, in Node. */
class DuplexClientIT {
    private static WebSocketHandler echo(Handshake handshake) {
        return new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                if (text.equals("close me")) {
                    socket.close(4001, "as you like");
                } else {
                    socket.send(text);
                }
            }

            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                socket.send(payload);
            }
        };
    }

    @ParameterizedTest
    @Timeout(360)
    @ValueSource(strings = {"poll", "long", "sse", "websocket+long", "websocket+sse+long+poll"})
    void itKeepsWhatItPromises(String carriers) throws Exception {
        try (WebSocketServer server = serve(WebSocketServer.builder().port(0))) {
            assertThat(run(server, carriers)).contains("all is well");
        }
    }

    /** Hours of it, in a time of its own. */
    @Test
    @Timeout(360)
    void itGetsOnInBadNetworks() throws Exception {
        assertThat(run("duplex-client-networks.mjs", List.of())).contains("all is well");
    }

    @ParameterizedTest
    @Timeout(360)
    @ValueSource(strings = {"poll", "long", "sse", "websocket+sse+long"})
    void nothingIsLostWhenConnectionsAreCut(String carriers) throws Exception {
        try (WebSocketServer server = serve(WebSocketServer.builder().port(0));
                CuttingProxy proxy = new CuttingProxy(server.port(), 1)) {
            assertThat(run(server, carriers, "ws://127.0.0.1:" + proxy.port() + "/chat"))
                    .contains("all is well");
            assertThat(proxy.cuts()).isPositive();
        }
    }

    /** A server with a chat of one. */
    static WebSocketServer serve(WebSocketServer.Builder builder) {
        return builder.subprotocols("chat")
                .route("/chat", DuplexClientIT::echo)
                .service(
                        "/chat/**",
                        Polling.builder(DuplexClientIT::echo)
                                .subprotocols("chat")
                                .build())
                .start();
    }

    private static String run(WebSocketServer server, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("ws://127.0.0.1:" + server.port() + "/chat"));
        arguments.addAll(List.of(more));
        return run("duplex-client.mjs", arguments);
    }

    private static String run(String script, List<String> more) throws Exception {
        Path client = Path.of("..", "packages", "duplex-client", "src", "index.js")
                .toAbsolutePath()
                .normalize();
        List<String> arguments = new ArrayList<>(List.of(client.toUri().toString()));
        arguments.addAll(more);
        return NodeScripts.run(DuplexClientIT.class, script, arguments);
    }
}
