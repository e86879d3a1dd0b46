package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.connection.SendBudget;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnsentBytesTest {
    private static final long BUDGET_BYTES = 1 << 20;

    private final AtomicInteger refused = new AtomicInteger();
    private final SendBudget budget = new SendBudget(BUDGET_BYTES, refused::incrementAndGet);
    private final UnsentBytes unsent = new UnsentBytes(budget);

    @AfterEach
    void release() {
        unsent.release();
        assertThat(budget.left()).as("all is given back").isEqualTo(BUDGET_BYTES);
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

    @Test
    void aPeerThatReadsAllButTheLastBytesOfAMessagePinsLittleAndIsCountedWithThat() {
        unsent.add(ByteBuffer.allocate(900_000));
        while (unsent.bytes() > 1) {
            unsent.take((int) Math.min(unsent.first().readableBytes(), unsent.bytes() - 1));
        }
        assertThat(unsent.first().capacity()).isLessThanOrEqualTo(256 << 10);
        assertThat(BUDGET_BYTES - budget.left()).isEqualTo(unsent.first().capacity());
    }

    @Test
    void whatIsBeyondTheBudgetOfAllConnectionsIsRefused() {
        UnsentBytes other = new UnsentBytes(budget);
        other.add(ByteBuffer.allocate(1_000_000));
        ByteBuffer more = ByteBuffer.allocate(100_000);
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> unsent.add(more));
        assertThat(refused).hasValue(1);
        other.release();
        unsent.add(more);
        assertThat(unsent.bytes()).isEqualTo(100_000);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
