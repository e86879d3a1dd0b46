package io.duplex.conformance.fallback;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.conformance.interop.NodeScripts;
import io.duplex.engineio.EngineIo;
import io.duplex.server.WebSocketServer;
import io.duplex.socketio.ConnectRefusedException;
import io.duplex.socketio.SocketIo;
import io.duplex.socketio.SocketIoSocket;
import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The package socket.io-client of npm. */
@Covers({"EIO-1", "EIO-3", "EIO-9", "EIO-12", "EIO-13"})
class SocketIoClientIT {
    private static void connected(SocketIoSocket socket) {
        socket.on("echo", event -> event.acknowledge(event.argument(0)));
        socket.on("join", event -> {
            socket.join(event.argument(0).asString());
            event.acknowledge();
        });
        socket.on(
                "say",
                event -> socket.namespace().to(event.argument(0).asString()).emit("said", event.argument(1)));
        socket.on(
                "ask me",
                event -> socket.emitAndWait(Duration.ofSeconds(30), "question", 6, 7)
                        .thenAccept(answer -> event.acknowledge(answer.get(0))));
        socket.on("many", event -> {
            for (int i = 0; i < event.argument(0).asInt(); i++) {
                socket.emit("number", i);
            }
        });
        socket.on("kick", event -> socket.disconnect());
    }

    private static CompletionStage<Void> gate(SocketIoSocket socket) {
        JsonNode auth = socket.auth();
        return auth != null && auth.path("token").asString("").equals("secret")
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new ConnectRefusedException("not you"));
    }

    static SocketIo service() {
        return SocketIo.builder()
                .namespace("/", SocketIoClientIT::connected)
                .namespace("/admin", SocketIoClientIT::gate, SocketIoClientIT::connected)
                .build();
    }

    @ParameterizedTest
    @Timeout(360)
    @CsvSource({"polling, polling", "websocket, websocket", "polling+websocket, websocket"})
    void itTalksToUs(String transports, String endsWith) throws Exception {
        SocketIo io = service();
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .service("/socket.io/**", EngineIo.of(io))
                .start()) {
            List<String> arguments = List.of("http://127.0.0.1:" + server.port(), transports);
            assertThat(NodeScripts.run(SocketIoClientIT.class, "socketio.mjs", arguments))
                    .contains("ends with " + endsWith);
            while (!io.of("/").sockets().isEmpty()) {
                Thread.onSpinWait(); // the server hears of it a little later
            }
        }
    }
}
