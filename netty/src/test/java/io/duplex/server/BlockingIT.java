package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.BlockingWebSocket;
import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.client.WebSocketClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Straight-line code on both sides. */
class BlockingIT {
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private WebSocketServer server;
    private WebSocketClient client;

    @BeforeEach
    void start() {
        client = WebSocketClient.create();
        server = WebSocketServer.builder()
                .port(0)
                .blockingRoute("/echo", socket -> {
                    for (Message message : socket) {
                        if (message instanceof Message.Text text) {
                            socket.send(text.data());
                        }
                    }
                })
                .blockingRoute("/once", socket -> socket.send("hi"))
                .blockingRoute("/stuck", socket -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.complete(true);
                    }
                })
                .start();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private BlockingWebSocket connect(String path) {
        return client.connect("ws://127.0.0.1:" + server.port() + path);
    }

    @Test
    void eachSideWaitsForTheOther() {
        try (BlockingWebSocket socket = connect("/echo")) {
            for (int i = 0; i < 1000; i++) {
                socket.send("message " + i);
                assertThat(socket.receive()).isEqualTo(new Message.Text("message " + i));
            }
        }
    }

    @Test
    void theReturnOfTheCodeClosesTheConnection() {
        try (BlockingWebSocket socket = connect("/once")) {
            assertThat(socket).containsExactly(new Message.Text("hi"));
        }
    }

    @Test
    void closingTheServerInterruptsCodeThatIsStuck() throws Exception {
        try (BlockingWebSocket socket = connect("/stuck")) {
            server.close();
            assertThat(socket.receive()).isNull();
            assertThat(interrupted.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aRefusalIsThrown() {
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> connect("/nowhere"))
                .satisfies(failure -> assertThat(failure.status()).isEqualTo(404));
    }
}
