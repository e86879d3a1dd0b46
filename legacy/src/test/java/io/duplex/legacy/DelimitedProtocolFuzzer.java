package io.duplex.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.Limits;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.protocol.Event;
import io.duplex.protocol.Workspace;
import io.duplex.testkit.CountingBuffers;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.RecordedOutgoing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Any octets in two parts: the same events as in one part, bounded memory, and none of it left. */
@Covers("HXF-7")
class DelimitedProtocolFuzzer {
    private static final int MAX_BYTES = 600;

    @FuzzTest
    void frames(FuzzedDataProvider data) {
        boolean hasClosingHandshake = data.consumeBoolean();
        int split = data.consumeInt(0, 2 * MAX_BYTES);
        byte[] bytes = data.consumeRemainingAsBytes();
        List<String> whole = events(hasClosingHandshake, bytes, bytes.length);
        assertThat(events(hasClosingHandshake, bytes, Math.min(split, bytes.length)))
                .isEqualTo(whole);
    }

    private static List<String> events(boolean hasClosingHandshake, byte[] bytes, int split) {
        CountingBuffers buffers = new CountingBuffers(false);
        RecordedOutgoing sent = new RecordedOutgoing(false);
        DelimitedProtocol protocol = new DelimitedProtocol(
                hasClosingHandshake,
                Limits.builder().maxMessageBytes(MAX_BYTES).build(),
                Delivery.WHOLE,
                new Workspace(buffers, () -> 0, new DeflatePool()),
                sent);
        List<String> events = new ArrayList<>();
        for (ByteBuffer part :
                List.of(ByteBuffer.wrap(bytes, 0, split), ByteBuffer.wrap(bytes, split, bytes.length - split))) {
            for (Event event; (event = protocol.receive(part)) != null; ) {
                events.add(event + " " + Hex.format(protocol.payload()));
            }
            assertThat(part.hasRemaining()).isFalse();
        }
        assertThat(buffers.outstandingBytes()).isLessThanOrEqualTo(2 * MAX_BYTES);
        events.add(protocol.state() + " " + protocol.transportIntent() + " " + Hex.format(sent.take()));
        protocol.receiveEof();
        assertThat(buffers.outstanding()).isZero();
        return events;
    }
}
