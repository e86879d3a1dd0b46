package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConnectIT {
    private static DuplexProcess server;
    private static URI address;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = DuplexProcess.start("serve", "--port", "0", "--faults");
        address = server.listening("/");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static DuplexProcess connect(String path, String... options) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("connect", address.resolve(path).toString()));
        arguments.addAll(List.of(options));
        return DuplexProcess.start(arguments.toArray(new String[0]));
    }

    @Test
    void linesGoInAndMessagesComeOut() throws Exception {
        try (DuplexProcess client = connect("/echo", "--wait", "0.5")) {
            client.type("hello");
            assertThat(client.line()).isEqualTo("hello");
            client.type("grüße 😀");
            client.type("");
            assertThat(client.line()).isEqualTo("grüße 😀");
            assertThat(client.line()).isEmpty();
            client.endInput();
            assertThat(client.exitStatus()).isZero();
            assertThat(client.remainingLines()).isEmpty();
            assertThat(client.remainingErrorLines())
                    .containsExactly("duplex connect: connected", "duplex connect: closed 1000");
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws Exception {
        try (DuplexProcess client = connect("/echo", "--proxy", "http://user:secret@127.0.0.1:1")) {
            assertThat(client.exitStatus()).isEqualTo(2);
            assertThat(client.remainingErrorLines())
                    .singleElement()
                    .asString()
                    .contains("proxy http://127.0.0.1:1: connection refused")
                    .doesNotContain("secret");
        }
        try (DuplexProcess client = connect("/echo", "--proxy", "ftp://127.0.0.1:1")) {
            assertThat(client.exitStatus()).isEqualTo(64);
        }
        try (DuplexProcess client = connect("/echo", "--max-redirects", "-1")) {
            assertThat(client.exitStatus()).isEqualTo(64);
        }
    }

    @Test
    void endOfInputLeavesTimeForAnswers() throws Exception {
        try (DuplexProcess client = connect("/block", "--wait", "9")) {
            client.type("takes two seconds");
            client.endInput();
            assertThat(client.line()).isEqualTo("takes two seconds");
            assertThat(client.exitStatus()).isZero();
        }
    }

    @Test
    void moreThanTheQueuesHoldComesThroughAPipe() throws Exception {
        String line = "x".repeat(1000);
        int lines = 20_000;
        try (DuplexProcess client = connect("/echo", "--wait", "8")) {
            for (int i = 0; i < lines; i++) {
                client.type(i + line);
            }
            client.endInput();
            for (int i = 0; i < lines; i++) {
                assertThat(client.line()).isEqualTo(i + line);
            }
            assertThat(client.exitStatus()).isZero();
        }
    }

    @Test
    void closeCodeOfTheServerIsTold() throws Exception {
        try (DuplexProcess client = connect("/throw")) {
            client.type("now");
            assertThat(client.exitStatus()).isZero();
            assertThat(client.remainingErrorLines()).last().isEqualTo("duplex connect: closed 1011 internal error");
        }
    }

    @Test
    void refusedHandshakeEndsWithTwoAndItsStatus() throws Exception {
        try (DuplexProcess client = connect("/nothing")) {
            assertThat(client.exitStatus()).isEqualTo(2);
            assertThat(client.remainingErrorLines())
                    .singleElement()
                    .asString()
                    .contains("handshake failed", "404", "no WebSocket endpoint");
        }
    }

    @Test
    void foreignOriginIsRefused() throws Exception {
        try (DuplexProcess client = connect("/echo", "--origin", "https://elsewhere.example")) {
            assertThat(client.exitStatus()).isEqualTo(2);
            assertThat(client.remainingErrorLines()).singleElement().asString().contains("403", "origin");
        }
    }

    @Test
    void unreachableServerEndsWithTwo() throws Exception {
        try (DuplexProcess client = DuplexProcess.start("connect", "ws://127.0.0.1:1/")) {
            assertThat(client.exitStatus()).isEqualTo(2);
            assertThat(client.remainingErrorLines()).singleElement().asString().contains("refused");
        }
    }

    @Test
    void connectionWithoutAClosingHandshakeEndsWithOne() throws Exception {
        try (DuplexProcess mortal = DuplexProcess.start("serve", "--port", "0")) {
            String url = mortal.listening("/echo").toString();
            try (DuplexProcess client = DuplexProcess.start("connect", url)) {
                client.type("there?");
                assertThat(client.line()).isEqualTo("there?");
                mortal.kill();
                assertThat(client.exitStatus()).isEqualTo(1);
                assertThat(client.remainingErrorLines()).last().asString().contains("closed 1006, not cleanly");
            }
        }
    }

    @Test
    void signalClosesWith1001() throws Exception {
        try (DuplexProcess mortal = DuplexProcess.start("serve", "--port", "0");
                DuplexProcess client = DuplexProcess.start(
                        "connect", mortal.listening("/chat/signals").toString())) {
            client.line();
            client.terminate();
            assertThat(client.exitStatus()).isEqualTo(143);
        }
    }
}
