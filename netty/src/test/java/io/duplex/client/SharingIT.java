package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome;
import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import io.duplex.transport.Echo;
import io.duplex.transport.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that share event loops. */
class SharingIT {
    private WebSocketServer server;
    private WebSocketClient owner;

    @BeforeEach
    void start() {
        server = WebSocketServer.builder()
                .port(0)
                .route("/", handshake -> new Echo())
                .start();
        owner = WebSocketClient.builder().threads(2).build();
    }

    @AfterEach
    void close() {
        owner.close();
        server.close();
    }

    private String uri() {
        return "ws://127.0.0.1:" + server.port() + "/";
    }

    private static Set<String> loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("duplex-client"))
                .collect(Collectors.toSet());
    }

    @Test
    void manyClientsHaveTheThreadsOfOne() throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        owner.connect(uri(), new Recorder());
        owner.connect(uri(), new Recorder());
        Set<String> before = loops();
        List<WebSocketClient> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            WebSocketClient other = WebSocketClient.builder().sharing(owner).build();
            others.add(other);
            try (BlockingWebSocket socket = other.connect(uri())) {
                socket.send("hello");
                assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
            }
        }
        others.get(0).connect(uri(), new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                thread.complete(Thread.currentThread().getName());
            }
        });
        assertThat(loops()).isEqualTo(before).contains(thread.get(60, TimeUnit.SECONDS));
        others.forEach(WebSocketClient::close);
    }

    @Test
    void oneThatIsClosedClosesItsOwnConnectionsOnly() throws Exception {
        Recorder own = new Recorder();
        Recorder others = new Recorder();
        WebSocket stays = owner.connect(uri(), others);
        WebSocketClient guest = WebSocketClient.builder().sharing(owner).build();
        guest.connect(uri(), own);
        guest.close();
        CloseOutcome outcome = own.outcome();
        assertThat(outcome.clean()).isTrue();
        assertThat(outcome.sent()).hasToString("1001");
        assertThat(stays.readyState()).isEqualTo(ReadyState.OPEN);
        stays.send("still there");
        assertThat(others.text()).isEqualTo("still there");
    }

    @Test
    void theEndOfTheOwnerIsTheEndOfAll() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketClient guest = WebSocketClient.builder().sharing(owner).build()) {
            guest.connect(uri(), recorder);
            owner.close();
            assertThat(recorder.outcome().clean()).isFalse();
            assertThatExceptionOfType(HandshakeException.class)
                    .isThrownBy(() -> guest.connect(uri(), new Recorder()))
                    .withMessageContaining("client is closed");
        }
    }
}
