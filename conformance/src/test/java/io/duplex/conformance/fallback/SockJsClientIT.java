package io.duplex.conformance.fallback;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.conformance.interop.NodeScripts;
import io.duplex.server.WebSocketServer;
import io.duplex.sockjs.SockJs;
import io.duplex.testkit.Covers;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The package sockjs-client of npm. */
@Covers({"SJ-FRM-2", "SJ-XHR-2", "SJ-WS-1"})
class SockJsClientIT {
    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            if (text.equals("close me")) {
                socket.close(4001, "as you like");
            } else {
                socket.send(text);
            }
        }
    }

    static SockJs service() {
        return SockJs.at("/echo", handshake -> new Echo());
    }

    @ParameterizedTest
    @Timeout(360)
    @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling"})
    void itTalksToUs(String transport) throws Exception {
        try (WebSocketServer server =
                WebSocketServer.builder().port(0).service("/echo/**", service()).start()) {
            List<String> arguments = List.of("http://127.0.0.1:" + server.port() + "/echo", transport);
            assertThat(NodeScripts.run(SockJsClientIT.class, "sockjs.mjs", arguments))
                    .contains("all is well");
        }
    }
}
