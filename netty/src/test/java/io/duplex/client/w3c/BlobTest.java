package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobTest {
    private static final Blob ABCDE = Blob.of("abcde");

    @Test
    void doesNotChangeWithWhatItWasMadeOf() {
        byte[] bytes = {1, 2, 3};
        Blob blob = Blob.of(bytes);
        bytes[0] = 9;
        blob.bytes()[1] = 9;
        assertThat(blob.bytes()).containsExactly(1, 2, 3);
        assertThat(blob.size()).isEqualTo(3);
    }

    @Test
    void takesABufferFromPositionToLimitAndLeavesIt() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2);
        assertThat(Blob.of(buffer).bytes()).containsExactly(2, 3);
        assertThat(buffer.position()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5, abcde",
        "1, 3, bc",
        "-2, 5, de",
        "0, -1, abcd",
        "-9, 99, abcde",
        "3, 1, ''",
        "9, 10, ''",
    })
    void slicesAreClampedAndCountFromTheEnd(int start, int end, String part) {
        assertThat(ABCDE.slice(start, end).text()).isEqualTo(part);
        assertThat(ABCDE.slice(1).slice(start, end).text())
                .isEqualTo(Blob.of("bcde").slice(start, end).text());
    }

    @Test
    void everyWayToReadASliceGivesTheSameBytes() throws Exception {
        Blob slice = ABCDE.slice(1, 4);
        assertThat(slice.bytes()).containsExactly('b', 'c', 'd');
        assertThat(slice.stream().readAllBytes()).containsExactly('b', 'c', 'd');
        assertThat(slice.buffer()).isEqualTo(ByteBuffer.wrap(new byte[] {'b', 'c', 'd'}));
        assertThat(slice.buffer().isReadOnly()).isTrue();
    }

    @Test
    void textIsDecodedAsUtf8() {
        assertThat(Blob.of(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, 'a', (byte) 0xFF})
                        .text())
                .isEqualTo("a\uFFFD");
        assertThat(Blob.of("\uD800").bytes()).containsExactly(0xEF, 0xBF, 0xBD);
    }

    @Test
    void typesAreLowerCaseAsciiOrNothing() {
        assertThat(ABCDE.type()).isEmpty();
        assertThat(ABCDE.withType("Text/PLAIN").type()).isEqualTo("text/plain");
        assertThat(ABCDE.withType("text/ü").type()).isEmpty();
        assertThat(ABCDE.withType("text/plain").slice(1).type()).isEmpty();
        assertThat(ABCDE.withType("a/b")).hasToString("Blob[size=5, type=a/b]");
    }
}
