package io.duplex.polling.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseStatus;
import io.duplex.polling.session.Packet.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeMessagesTest {
    private final List<Packet> sent = new ArrayList<>();
    private int refusals;
    private final WholeMessages messages = new WholeMessages(8, sent::add, () -> refusals++);

    private static Packet packet(Kind kind, String content) {
        return new Packet(kind, ByteBuffer.wrap(content.getBytes(UTF_8)));
    }

    private List<String> sent() {
        return sent.stream()
                .map(packet -> packet.kind() + " " + packet.string())
                .toList();
    }

    @Test
    void partsAreJoinedAndControlFramesPassThem() {
        messages.send(packet(Kind.TEXT_PART, "ab"));
        messages.send(packet(Kind.PING, "p"));
        messages.send(packet(Kind.TEXT_PART, "cd"));
        messages.send(packet(Kind.TEXT, "efgh"));
        messages.send(packet(Kind.BINARY, "12345678"));
        messages.send(packet(Kind.BINARY_PART, "1"));
        messages.send(packet(Kind.BINARY, ""));
        assertThat(sent()).containsExactly("PING p", "TEXT abcdefgh", "BINARY 12345678", "BINARY 1");
        assertThat(refusals).isZero();
    }

    @Test
    void afterAMessageThatIsTooLongNothingGoesButTheEnd() {
        messages.send(packet(Kind.TEXT_PART, "abcdefgh"));
        messages.send(packet(Kind.TEXT, "i"));
        messages.send(packet(Kind.TEXT, "short"));
        messages.send(Packet.close(CloseStatus.of(1009)));
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).kind()).isEqualTo(Kind.CLOSE);
        assertThat(refusals).isEqualTo(1);
    }
}
