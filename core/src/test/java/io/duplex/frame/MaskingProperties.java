package io.duplex.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

@Covers({"WS-5.3-4", "WS-5.3-5"})
class MaskingProperties {
    private static final int SLACK = 16;

    /** Where the bytes lie. */
    private record Memory(boolean isDirect, ByteOrder order) {
        /** A buffer over all of {@code bytes} that begins at an index of its memory which is not a word's. */
        ByteBuffer hold(byte[] bytes) {
            ByteBuffer whole =
                    isDirect ? ByteBuffer.allocateDirect(bytes.length + 3) : ByteBuffer.allocate(bytes.length + 3);
            return whole.put(3, bytes).slice(3, bytes.length).order(order);
        }
    }

    /** {@code bytes[from, to)} amid bytes that are none of masking's business. */
    private static final class Range {
        final byte[] bytes;
        final int from;
        final int to;

        Range(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        @Override
        public String toString() {
            return "[%d, %d) of %s".formatted(from, to, HexFormat.of().formatHex(bytes));
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    private static byte[] maskedByTheBook(Range range, int key, int phase) {
        byte[] masked = range.bytes.clone();
        byte[] octets = ByteBuffer.allocate(4).putInt(key).array();
        for (int i = range.from; i < range.to; i++) {
            masked[i] ^= octets[(i - range.from + phase) & 3];
        }
        return masked;
    }

    @Property
    void isTheOctetWiseDefinitionAndTouchesNothingElse(
            @ForAll("ranges") Range range,
            @ForAll("memories") Memory memory,
            @ForAll int key,
            @ForAll @IntRange int phase) {
        ByteBuffer buffer = memory.hold(range.bytes);
        ByteBuffer before = buffer.duplicate().order(buffer.order());
        Masking.apply(buffer, range.from, range.to, key, phase);
        assertThat(bytes(buffer)).isEqualTo(maskedByTheBook(range, key, phase));
        assertThat(buffer.position()).isEqualTo(before.position());
        assertThat(buffer.limit()).isEqualTo(before.limit());
        assertThat(buffer.order()).isEqualTo(before.order());
    }

    @Property
    void twiceIsIdentity(@ForAll("ranges") Range range, @ForAll("memories") Memory memory, @ForAll int key) {
        ByteBuffer buffer = memory.hold(range.bytes);
        Masking.apply(buffer, range.from, range.to, key, 0);
        Masking.apply(buffer, range.from, range.to, key, 0);
        assertThat(bytes(buffer)).isEqualTo(range.bytes);
    }

    @Property
    void anySplitGivesWhatTheWholeGives(
            @ForAll("ranges") Range range,
            @ForAll("memories") Memory memory,
            @ForAll int key,
            @ForAll @IntRange(max = 1000) int first,
            @ForAll @IntRange(max = 1000) int second) {
        int length = range.to - range.from;
        int a = range.from + Math.min(first % (length + 1), second % (length + 1));
        int b = range.from + Math.max(first % (length + 1), second % (length + 1));
        ByteBuffer buffer = memory.hold(range.bytes);
        Masking.apply(buffer, range.from, a, key, 0);
        Masking.apply(buffer, a, b, key, a - range.from);
        Masking.apply(buffer, b, range.to, key, b - range.from);
        assertThat(bytes(buffer)).isEqualTo(maskedByTheBook(range, key, 0));
    }

    @Property
    void aCopyIsMaskedAndItsSourceIsNot(
            @ForAll("ranges") Range range,
            @ForAll("memories") Memory from,
            @ForAll("memories") Memory to,
            @ForAll boolean isReadOnly,
            @ForAll int key,
            @ForAll @IntRange(max = SLACK) int targetIndex) {
        ByteBuffer source = from.hold(range.bytes);
        ByteBuffer target = to.hold(new byte[range.bytes.length + SLACK]);
        int length = range.to - range.from;
        Masking.copy(isReadOnly ? source.asReadOnlyBuffer() : source, range.from, length, target, targetIndex, key);
        byte[] expected = new byte[target.capacity()];
        System.arraycopy(maskedByTheBook(range, key, 0), range.from, expected, targetIndex, length);
        assertThat(bytes(target)).isEqualTo(expected);
        assertThat(bytes(source)).isEqualTo(range.bytes);
    }

    @Property
    void aCopyOntoItselfIsMaskedAsAWhole(
            @ForAll("ranges") Range range,
            @ForAll("memories") Memory memory,
            @ForAll int key,
            @ForAll @IntRange(max = SLACK) int targetIndex) {
        byte[] roomy = Arrays.copyOf(range.bytes, range.bytes.length + SLACK);
        ByteBuffer buffer = memory.hold(roomy);
        int length = range.to - range.from;
        Masking.copy(buffer, range.from, length, buffer, targetIndex, key);
        System.arraycopy(maskedByTheBook(range, key, 0), range.from, roomy, targetIndex, length);
        assertThat(bytes(buffer)).isEqualTo(roomy);
    }

    @Provide
    Arbitrary<Range> ranges() {
        Arbitrary<Integer> slack = Arbitraries.integers().between(0, SLACK);
        return Combinators.combine(Arbitraries.bytes().array(byte[].class).ofMaxSize(300), slack, slack)
                .as((bytes, head, tail) -> {
                    int from = Math.min(head, bytes.length);
                    return new Range(bytes, from, Math.max(from, bytes.length - tail));
                });
    }

    @Provide
    Arbitrary<Memory> memories() {
        return Combinators.combine(
                        Arbitraries.of(true, false), Arbitraries.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN))
                .as(Memory::new);
    }
}
