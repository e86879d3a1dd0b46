package io.duplex.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.BlockingWebSocket;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that begin as WebSocket, on sockets. */
@Timeout(60)
class SocketsIT {
    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    @Test
    @Covers({"EIO-9", "EIO-10"})
    void aSessionHasOneSocket() throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .service("/engine.io/**", EngineIo.of(handshake -> new Echo()))
                        .start();
                WebSocketClient client = WebSocketClient.builder().build()) {
            String uri = "ws://127.0.0.1:" + server.port() + "/engine.io/?EIO=4&transport=websocket";
            try (BlockingWebSocket first = client.connect(uri)) {
                String open = text(first);
                String id = open.replaceAll(".*\"sid\":\"([^\"]*)\".*", "$1");
                assertThat(open).startsWith("0{");
                try (BlockingWebSocket second = client.connect(uri + "&sid=" + id)) {
                    assertThat(second.receive(Duration.ofSeconds(30))).isNull();
                }
                first.send("4still here");
                assertThat(text(first)).isEqualTo("4still here");
                first.send(ByteBuffer.wrap(new byte[] {4, 1}));
                assertThat(first.receive(Duration.ofSeconds(30)))
                        .isEqualTo(new Message.Binary(ByteBuffer.wrap(new byte[] {4, 1})));
            }
        }
    }

    private static String text(BlockingWebSocket socket) throws Exception {
        return ((Message.Text) socket.receive(Duration.ofSeconds(30))).data();
    }
}
