package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
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

    private static JdkWebSocket connect(String path) {
        return JdkWebSocket.connect(address.resolve(path));
    }

    @Test
    void echoSendsTextBackAsText() throws InterruptedException {
        try (JdkWebSocket socket = connect("/echo")) {
            socket.send("grüße 😀");
            assertThat(socket.receiveText()).isEqualTo("grüße 😀");
        }
    }

    @Test
    void echoSendsBinaryBackAsBinary() throws InterruptedException {
        byte[] message = new byte[1 << 20];
        new Random(1).nextBytes(message);
        try (JdkWebSocket socket = connect("/echo")) {
            socket.send(message);
            assertThat(socket.receiveBinary()).isEqualTo(message);
        }
    }

    @Test
    void messageBeyondTheLimitIsAnsweredWith1009() throws InterruptedException {
        try (JdkWebSocket socket = connect("/echo")) {
            socket.send(new byte[(1 << 20) + 1]);
            assertThat(socket.receiveClose().code()).isEqualTo(1009);
        }
    }

    @Test
    void fanoutSendsToAllAndTheSender() throws InterruptedException {
        try (JdkWebSocket one = connect("/fanout")) {
            // Who has got its own is among them.
            one.send("here I am");
            assertThat(one.receiveText()).isEqualTo("here I am");
            try (JdkWebSocket two = connect("/fanout")) {
                two.send(new byte[] {1, 2, 3});
                assertThat(one.receiveBinary()).containsExactly(1, 2, 3);
                assertThat(two.receiveBinary()).containsExactly(1, 2, 3);
                one.send("to all");
                assertThat(one.receiveText()).isEqualTo("to all");
                assertThat(two.receiveText()).isEqualTo("to all");
            }
        }
    }

    @Test
    void pushSendsTheTimeUnaskedTenTimesASecond() throws Exception {
        try (JdkWebSocket socket = connect("/push")) {
            JsonNode first = JSON.readTree(socket.receiveText());
            JsonNode last = first;
            for (int i = 0; i < 30; i++) {
                JsonNode next = JSON.readTree(socket.receiveText());
                assertThat(next.get("sequence").longValue())
                        .isEqualTo(last.get("sequence").longValue() + 1);
                last = next;
            }
            assertThat(last.get("time").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            assertThat(Duration.between(time(first), time(last)))
                    .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(9));
        }
    }

    private static Instant time(JsonNode push) {
        return Instant.parse(push.get("time").textValue());
    }

    @Test
    void chatWelcomesCountsAndPassesOn() throws Exception {
        try (JdkWebSocket ada = connect("/chat/caf%C3%A9")) {
            assertThat(JSON.readTree(ada.receiveText()))
                    .isEqualTo(JSON.readTree("{\"type\":\"welcome\",\"room\":\"café\",\"members\":1}"));
            assertThat(count(ada)).isEqualTo(1);
            try (JdkWebSocket grace = connect("/chat/caf%C3%A9")) {
                assertThat(JSON.readTree(grace.receiveText()).get("members").intValue())
                        .isEqualTo(2);
                assertThat(count(grace)).isEqualTo(2);
                assertThat(count(ada)).isEqualTo(2);
                grace.send("{\"type\":\"say\",\"name\":\"Grace \\\"G\\\"\",\"text\":\"hi\\n\",\"more\":[{}]}");
                String said = ada.receiveText();
                assertThat(JSON.readTree(said).get("type").textValue()).isEqualTo("say");
                assertThat(JSON.readTree(said).get("name").textValue()).isEqualTo("Grace \"G\"");
                assertThat(JSON.readTree(said).get("text").textValue()).isEqualTo("hi\n");
                assertThat(JSON.readTree(said).get("at").longValue()).isPositive();
                assertThat(grace.receiveText()).isEqualTo(said);
            }
            assertThat(count(ada)).isEqualTo(1);
        }
    }

    private static int count(JdkWebSocket socket) throws Exception {
        JsonNode message = JSON.readTree(socket.receiveText());
        assertThat(message.get("type").textValue()).isEqualTo("members");
        return message.get("count").intValue();
    }

    @Test
    void chatRoomsAreApart() throws Exception {
        try (JdkWebSocket one = connect("/chat/one");
                JdkWebSocket two = connect("/chat/two")) {
            one.receiveText();
            assertThat(JSON.readTree(two.receiveText()).get("members").intValue())
                    .isEqualTo(1);
        }
    }

    @Test
    void chatClosesWhoeverSendsSomethingElse() throws Exception {
        String[] wrong = {
            "no JSON",
            "[]",
            "{\"type\":\"say\"}",
            "{\"type\":\"shout\",\"name\":\"a\",\"text\":\"b\"}",
            "{\"type\":\"say\",\"name\":\"" + "n".repeat(41) + "\",\"text\":\"b\"}",
            "{\"type\":\"say\",\"name\":\"a\",\"text\":\"" + "t".repeat(2001) + "\"}",
            "{\"type\":\"say\",\"name\":\"a\",\"text\":\"b\"} {}",
            "{\"type\":\"say\",\"name\":\"\\ud800\",\"text\":\"b\"}",
            "{\"type\":\"say\",\"name\":\"a\",\"text\":\"\\udc00\"}"
        };
        for (int i = 0; i < wrong.length; i++) {
            try (JdkWebSocket socket = connect("/chat/strict" + i)) {
                socket.receiveText();
                socket.receiveText();
                socket.send(wrong[i]);
                assertThat(socket.receiveClose().code()).as(wrong[i]).isEqualTo(1008);
            }
        }
    }

    @Test
    void throwingHandlerClosesWith1011AndTheServerGoesOn() throws InterruptedException {
        try (JdkWebSocket socket = connect("/throw")) {
            socket.send("x");
            assertThat(socket.receiveClose().code()).isEqualTo(1011);
        }
        assertThat(server.errorLine()).contains("/throw").contains("thrown on purpose");
        echoSendsTextBackAsText();
    }

    @Test
    void blockingHandlerLeavesOthersUnharmed() throws InterruptedException {
        try (JdkWebSocket blocked = connect("/block");
                JdkWebSocket other = connect("/block")) {
            // A machine that is busy may take longer than the handler once or twice.
            boolean unharmed = false;
            for (int i = 0; i < 10 && !unharmed; i++) {
                long begin = System.nanoTime();
                blocked.send("slow");
                other.send("slow too");
                for (int echo = 0; echo < 5; echo++) {
                    echoSendsTextBackAsText();
                }
                boolean echoedMeanwhile = !blocked.hasReceived() && !other.hasReceived();
                assertThat(blocked.receiveText()).isEqualTo("slow");
                assertThat(other.receiveText()).isEqualTo("slow too");
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                assertThat(took).isGreaterThan(Duration.ofMillis(1900));
                unharmed = echoedMeanwhile && took.compareTo(Duration.ofMillis(3800)) < 0;
            }
            assertThat(unharmed).isTrue();
        }
    }
}
