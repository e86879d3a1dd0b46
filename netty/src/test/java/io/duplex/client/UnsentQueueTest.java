package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Message;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class UnsentQueueTest {
    private final UnsentQueue queue = new UnsentQueue(1000);
    private final List<String> sent = new ArrayList<>();
    private final Queue<SendStatus> answers = new ArrayDeque<>();
    private final WebSocket socket = socket();

    /** It takes all that it is given, or answers with {@link #answers} as long as there are some. */
    private WebSocket socket() {
        return (WebSocket) Proxy.newProxyInstance(
                WebSocket.class.getClassLoader(), new Class<?>[] {WebSocket.class}, (self, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("send");
                    SendStatus answer = answers.isEmpty() ? SendStatus.SENT : answers.remove();
                    if (answer != SendStatus.REFUSED) {
                        sent.add(text(arguments[0]));
                    }
                    return answer;
                });
    }

    private static String text(Object message) {
        return message instanceof ByteBuffer bytes
                ? StandardCharsets.US_ASCII.decode(bytes).toString()
                : message.toString();
    }

    private static Message binary(String content) {
        return new Message.Binary(ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private void add(String... texts) {
        for (String text : texts) {
            assertThat(queue.add(new Message.Text(text))).isTrue();
        }
    }

    @Test
    void whatWaitsIsSentInItsOrder() {
        add("1");
        assertThat(queue.add(binary("2"))).isTrue();
        add("3");
        queue.sendTo(socket);
        assertThat(sent).containsExactly("1", "2", "3");
        assertThat(queue.isEmpty()).isTrue();
        queue.sendTo(socket);
        assertThat(sent).hasSize(3);
    }

    @Test
    void aBacklogIsNotMadeBigger() {
        add("1", "2", "3");
        answers.addAll(List.of(SendStatus.SENT, SendStatus.QUEUED));
        queue.sendTo(socket);
        assertThat(sent).containsExactly("1", "2");
        assertThat(queue.messages()).containsExactly(new Message.Text("3"));
        queue.sendTo(socket);
        assertThat(sent).containsExactly("1", "2", "3");
    }

    @Test
    void whatIsRefusedGoesOnWaiting() {
        assertThat(queue.add(binary("1"))).isTrue();
        add("2");
        answers.add(SendStatus.REFUSED);
        queue.sendTo(socket);
        assertThat(sent).isEmpty();
        queue.sendTo(socket);
        assertThat(sent).containsExactly("1", "2");
    }

    @Test
    void aMessageCountsWithWhatItTakesInMemory() {
        String text = "x".repeat(436);
        assertThat(queue.add(new Message.Text("x".repeat(469)))).isFalse();
        add(text); // 2 * 436 + 64
        assertThat(queue.add(binary(""))).isTrue();
        assertThat(queue.add(binary(""))).as("room").isFalse();
        queue.sendTo(socket);
        assertThat(queue.add(binary("x".repeat(936)))).isTrue();
        assertThat(new UnsentQueue(0).add(binary(""))).isFalse();
    }

    @Test
    void whoLooksAtABufferDoesNotChangeIt() {
        assertThat(queue.add(binary("12"))).isTrue();
        Message.Binary seen = (Message.Binary) queue.messages().get(0);
        assertThat(seen.payload().isReadOnly()).isTrue();
        seen.payload().get();
        queue.sendTo(socket);
        assertThat(sent).containsExactly("12");
    }
}
