package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventReaderTest {
    private final List<String> seen = new ArrayList<>();

    private void note(EventReader.Event event) {
        seen.add(event.type() + "|" + event.id() + "|" + UTF_8.decode(event.data()));
    }

    @Test
    @Covers({"SSE-2", "SSE-3"})
    void everySplitGivesTheSameEvents() {
        byte[] stream = (":pad\nretry: 1000\nevent: probe\ndata: 1\n\nid: 7\ndata: t\u20ac\ndata:two\ndata\n\n"
                        + "event: other\r\ndata: a\r\rdata: b\r\n\r\nid: 8\n\nevent\ndata:  c\n\nunknown: x\ndata: cut")
                .getBytes(UTF_8);
        for (int split = 0; split <= stream.length; split++) {
            seen.clear();
            EventReader reader = new EventReader(100, this::note);
            assertThat(reader.read(ByteBuffer.wrap(stream, 0, split))).isTrue();
            assertThat(reader.read(ByteBuffer.wrap(stream, split, stream.length - split)))
                    .isTrue();
            assertThat(seen)
                    .containsExactly(
                            "probe||1", "message|7|t\u20ac\ntwo\n", "other|7|a", "message|7|b", "message|8| c");
        }
    }

    @Test
    void anEventThatIsTooLongIsNotKept() {
        EventReader reader = new EventReader(10, this::note);
        assertThat(reader.read(ByteBuffer.wrap("data: 456\n".getBytes(UTF_8)))).isTrue();
        assertThat(reader.read(ByteBuffer.wrap("data: 45\n".getBytes(UTF_8)))).isFalse();
        assertThat(new EventReader(10, this::note).read(ByteBuffer.wrap(":0123456789".getBytes(UTF_8))))
                .isFalse();
        assertThat(seen).isEmpty();
    }
}
