package io.duplex.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class HexTest {
    @Test
    void whiteSpaceIsIgnored() {
        assertThat(Hex.parse("81 05\n4865 6c6c6F")).isEqualTo(Hex.parse("810548656c6c6f"));
    }

    @Test
    void formattingKeepsThePosition() {
        ByteBuffer bytes = Hex.parse("00 ff 7f").position(1);
        assertThat(Hex.format(bytes)).isEqualTo("ff7f");
        assertThat(bytes.position()).isEqualTo(1);
    }

    @Test
    void halfAByteIsRefused() {
        assertThatThrownBy(() -> Hex.parse("81 0")).isInstanceOf(IllegalArgumentException.class);
    }
}
