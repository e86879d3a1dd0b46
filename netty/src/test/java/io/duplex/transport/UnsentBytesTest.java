package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnsentBytesTest {
    private final UnsentBytes unsent = new UnsentBytes();

    @AfterEach
    void release() {
        unsent.release();
    }

    @Test
    void bytesLeaveInTheOrderInWhichTheyCame() {
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            unsent.add(bytes(i + ","));
            sent.append(i).append(',');
        }
        StringBuilder left = new StringBuilder();
        while (unsent.bytes() > 0) {
            ByteBuf first = unsent.first();
            int some = Math.min(7, first.readableBytes());
            left.append(first.toString(first.readerIndex(), some, StandardCharsets.US_ASCII));
            unsent.take(some);
        }
        assertThat(left).hasToString(sent.toString());
    }

    @Test
    void smallPiecesAreGathered() {
        unsent.add(bytes("x".repeat(1000)));
        for (int i = 0; i < 100; i++) {
            unsent.add(bytes("0123456789"));
        }
        assertThat(unsent.first().capacity()).isEqualTo(1000);
        unsent.take(1000);
        assertThat(unsent.first().readableBytes()).isEqualTo(1000);
    }

    @Test
    void nobodyIsToldBeforeAllThatCameEarlierIsTaken() {
        List<String> told = new ArrayList<>();
        unsent.add(bytes("abc"));
        unsent.await(() -> told.add("first"));
        unsent.add(bytes("de"));
        unsent.await(() -> told.add("second"));
        unsent.take(2);
        unsent.runDue();
        assertThat(told).isEmpty();
        unsent.take(1);
        unsent.runDue();
        assertThat(told).containsExactly("first");
        unsent.take(2);
        unsent.runDue();
        assertThat(told).containsExactly("first", "second");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
