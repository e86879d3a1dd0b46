package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.testkit.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockTest {
    private static final String HEADER = "0000000000000003 0000000000000007 ";

    private static Block parse(String hex) {
        return Block.parse(Role.CLIENT, Hex.parse(hex));
    }

    @Test
    void aBlockHasAnAcknowledgementAndNumberedPackets() {
        Block block = parse(HEADER + "74 00000002 4869 62 00000000");
        assertThat(block.ack()).isEqualTo(3);
        assertThat(block.first()).isEqualTo(7);
        assertThat(block.count()).isEqualTo(2);
        assertThat(block.packetsFrom(7).remaining()).isEqualTo(12);
        assertThat(block.packetsFrom(8).remaining()).isEqualTo(5);
        assertThat(block.packetsFrom(9).remaining()).isZero();
    }

    @Test
    void anAcknowledgementIsABlock() {
        Block block = Block.parse(Role.CLIENT, Block.empty(5, 6));
        assertThat(block.ack()).isEqualTo(5);
        assertThat(block.first()).isEqualTo(6);
        assertThat(block.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0000000000000003 00000000000000",
                "8000000000000000 0000000000000001",
                "0020000000000000 0000000000000001",
                "0000000000000000 0000000000000000",
                "0000000000000000 0020000000000000",
                HEADER + "74",
                HEADER + "74 000000",
                HEADER + "74 00000003 4869",
                HEADER + "74 FFFFFFFF 4869",
                HEADER + "74 7FFFFFFF 4869",
                HEADER + "00 00000000",
                HEADER + "FF 00000000",
                HEADER + "75 00000000",
                HEADER + "76 00000000"
            })
    void whatIsMalformedIsNoBlock(String hex) {
        assertThat(parse(hex)).isNull();
    }
}
