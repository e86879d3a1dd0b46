package io.duplex.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.CountingBuffers;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MessageAssemblerTest {
    private final CountingBuffers buffers = new CountingBuffers(false);
    private final MessageAssembler assembler = new MessageAssembler(buffers);

    private void append(int bytes, int announced, boolean fin, int maxBytes) {
        assembler.append(ByteBuffer.allocate(bytes + 2), 1, 1 + bytes, announced, fin, maxBytes);
    }

    @Test
    void holdsNothingAtFirst() {
        assertThat(assembler.length()).isZero();
        assertThat(assembler.content().hasRemaining()).isFalse();
        assertThat(buffers.loans()).isZero();
        assembler.clear(0);
    }

    @Test
    @Covers("WS-6.2-4")
    void joinsPieces() {
        ByteBuffer from = Hex.parse("00010203040506");
        assembler.append(from, 1, 3, 0, false, 1000);
        assembler.append(from, 4, 7, 0, true, 1000);
        assertThat(assembler.length()).isEqualTo(5);
        assertThat(Hex.format(assembler.content())).isEqualTo("0102040506");
        assertThat(from.position()).isZero();
    }

    @Test
    @Covers("WS-10.4-1")
    void runsAheadOfWhatIsThereByABoundedFactor() {
        append(1, 1_000_000, true, 1 << 20);
        assertThat(buffers.outstandingBytes()).isEqualTo(MessageAssembler.MIN_BUFFER_BYTES);
        append(999, 999_000, true, 1 << 20);
        assertThat(buffers.outstandingBytes()).isEqualTo(8 * 1000);
        append(9000, 990_000, true, 1 << 20);
        assertThat(buffers.outstandingBytes()).isEqualTo(8 * 10_000);
        append(190_000, 800_000, true, 1 << 20);
        assertThat(buffers.outstandingBytes()).isEqualTo(1_000_000);
        append(800_000, 0, true, 1 << 20);
        assertThat(buffers.loans()).isEqualTo(4);
        assertThat(buffers.outstanding()).isEqualTo(1);
    }

    @Test
    void doublesWhereFragmentsFollowUpToTheLimit() {
        append(1000, 0, false, 5000);
        assertThat(buffers.outstandingBytes()).isEqualTo(1000);
        append(1, 0, false, 5000);
        assertThat(buffers.outstandingBytes()).isEqualTo(2000);
        append(2000, 0, false, 5000);
        assertThat(buffers.outstandingBytes()).isEqualTo(4000);
        append(1000, 0, false, 5000);
        assertThat(buffers.outstandingBytes()).isEqualTo(5000);
        append(999, 0, false, 5000);
        assertThat(assembler.content().remaining()).isEqualTo(5000);
        assertThat(buffers.loans()).isEqualTo(4);
    }

    @Test
    void givesRoomBehindTheMessageUntilTheLimit() {
        ByteBuffer tail = assembler.tail(600);
        assertThat(tail.position()).isZero();
        assertThat(tail.remaining()).isEqualTo(MessageAssembler.MIN_BUFFER_BYTES);
        assembler.grown(MessageAssembler.MIN_BUFFER_BYTES);
        tail = assembler.tail(600);
        assertThat(tail.position()).isEqualTo(MessageAssembler.MIN_BUFFER_BYTES);
        assertThat(tail.remaining()).isEqualTo(88);
        assembler.grown(88);
        assertThat(assembler.tail(600).hasRemaining()).isFalse();
        assertThat(buffers.loans()).isEqualTo(2);
    }

    @Test
    void keepsASmallBufferForTheNextMessage() {
        append(1000, 0, true, 5000);
        assembler.clear(1000);
        assertThat(buffers.outstanding()).isEqualTo(1);
        append(10, 0, true, 5000);
        assertThat(assembler.content().remaining()).isEqualTo(10);
        assertThat(buffers.loans()).isEqualTo(1);
        assembler.clear(999);
        assertThat(buffers.outstanding()).isZero();
    }

    @Test
    @Covers({"WS-8.1-1", "WS-8.1-2"})
    void validatesTextAsItComes() {
        ByteBuffer euro = Hex.parse("e282ac");
        assertThat(assembler.acceptText(euro, 0, 2)).isTrue();
        assertThat(assembler.isTextComplete()).isFalse();
        assertThat(assembler.acceptText(euro, 2, 3)).isTrue();
        assertThat(assembler.isTextComplete()).isTrue();
        assertThat(assembler.acceptText(euro, 1, 2)).isFalse();
        assembler.clear(0);
        assertThat(assembler.isTextComplete()).isTrue();
        assertThat(assembler.acceptText(euro, 0, 3)).isTrue();
    }
}
