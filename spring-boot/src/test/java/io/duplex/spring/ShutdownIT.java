package io.duplex.spring;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that stops says so to its peers. */
class ShutdownIT {
    @Test
    void peersOfAnApplicationThatStopsHearGoingAway() throws Exception {
        CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
        try (WebSocketClient client = WebSocketClient.create()) {
            try (ConfigurableApplicationContext application =
                    SpringApplication.run(TestApplication.class, "--server.port=0", "--duplex.hand-off=never")) {
                String port = application.getEnvironment().getProperty("local.server.port");
                client.connect("ws://localhost:" + port + "/greet/alice", new WebSocketHandler() {
                    @Override
                    public void onClose(WebSocket socket, CloseOutcome outcome) {
                        ended.complete(outcome);
                    }
                });
            }
            assertThat(ended.get(10, SECONDS).status().code()).isEqualTo(CloseCode.GOING_AWAY);
            assertThat(ended.get().clean()).isTrue();
        }
    }
}
