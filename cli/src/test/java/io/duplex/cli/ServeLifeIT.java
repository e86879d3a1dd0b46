package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ServeLifeIT {
    @Test
    void printsExactlyOneLineAndNothingElse() throws Exception {
        try (DuplexProcess server = DuplexProcess.start("serve", "--port", "0", "--io", "nio", "--threads", "1")) {
            assertThat(server.line()).matches("listening on ws://127\\.0\\.0\\.1:[1-9]\\d* \\(nio, 1 thread\\)");
            server.terminate();
            assertThat(server.remainingLines()).isEmpty();
            assertThat(server.remainingErrorLines()).isEmpty();
        }
    }

    @Test
    void sigtermClosesEveryPeerWith1001AtOnce() throws Exception {
        try (DuplexProcess server = DuplexProcess.start("serve", "--port", "0");
                JdkWebSocket one = JdkWebSocket.connect(server.listening("/echo"))) {
            one.send("open");
            one.receiveText();
            long begin = System.nanoTime();
            server.terminate();
            assertThat(one.receiveClose().code()).isEqualTo(1001);
            assertThat(server.exitStatus()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
        }
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        try (DuplexProcess server = DuplexProcess.start("serve", "--port", "0")) {
            URI address = server.listening("/");
            for (String path : new String[] {"/", "/throw", "/echo/", "/chat/"}) {
                assertThatThrownBy(() -> JdkWebSocket.connect(address.resolve(path)))
                        .isInstanceOf(CompletionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                WebSocketHandshakeException.class,
                                refused -> assertThat(refused.getResponse().statusCode())
                                        .isEqualTo(404));
            }
        }
    }

    @Test
    void takenPortFailsWithAnExplanation() throws IOException, InterruptedException {
        try (DuplexProcess first = DuplexProcess.start("serve", "--port", "0")) {
            String port = String.valueOf(first.listening("/").getPort());
            try (DuplexProcess second = DuplexProcess.start("serve", "--port", port)) {
                assertThat(second.exitStatus()).isEqualTo(1);
                assertThat(second.remainingErrorLines())
                        .singleElement()
                        .asString()
                        .contains("127.0.0.1:" + port + " is in use", "--port")
                        .doesNotContain("bind");
            }
        }
    }
}
