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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that stops says so to its peers. */
@Timeout(240)
class ShutdownIT {
    @ParameterizedTest
    @ValueSource(strings = {"always", "never", "portable"})
    void peersOfAnApplicationThatStopsHearGoingAway(String handOff) throws Exception {
        requireGoingAway("local.server.port", "--duplex.hand-off=" + handOff);
    }

    @Test
    void peersOfThePortOfItsOwnHearItToo() throws Exception {
        requireGoingAway("local.duplex.port", "--duplex.server.port=0");
    }

    private static void requireGoingAway(String port, String option) throws Exception {
        CompletableFuture<Void> greeted = new CompletableFuture<>();
        CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
        try (WebSocketClient client = WebSocketClient.create()) {
            try (ConfigurableApplicationContext application =
                    SpringApplication.run(TestApplication.class, "--server.port=0", option)) {
                String number = application.getEnvironment().getProperty(port);
                client.connect("ws://127.0.0.1:" + number + "/greet/alice", new WebSocketHandler() {
                    @Override
                    public void onText(WebSocket socket, String text) {
                        greeted.complete(null);
                    }

                    @Override
                    public void onClose(WebSocket socket, CloseOutcome outcome) {
                        ended.complete(outcome);
                    }
                });
                greeted.get(60, SECONDS); // now it is open on the other side, too
            }
            assertThat(ended.get(60, SECONDS).status().code()).isEqualTo(CloseCode.GOING_AWAY);
            assertThat(ended.get().clean()).isTrue();
        }
    }
}
