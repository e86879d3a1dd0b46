package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text forms of addresses (RFC 4291 §2.2, RFC 3986 §3.2.2). */
class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 00000000",
        "127.0.0.1, 7f000001",
        "255.255.255.255, ffffffff",
        "::, 00000000000000000000000000000000",
        "::1, 00000000000000000000000000000001",
        "1::, 00010000000000000000000000000000",
        "fe80::AbCd, fe80000000000000000000000000abcd",
        "1:2:3:4:5:6:7:8, 00010002000300040005000600070008",
        "1:2:3:4:5:6:7::, 00010002000300040005000600070000",
        "::2:3:4:5:6:7:8, 00000002000300040005000600070008",
        "::127.0.0.1, 0000000000000000000000007f000001",
        "1::1.2.3.4, 00010000000000000000000001020304",
        "::ffff:1.2.3.4, 00000000000000000000ffff01020304",
        "64:ff9b::192.0.2.1, 0064ff9b0000000000000000c0000201",
        "1:2:3:4:5:6:1.2.3.4, 00010002000300040005000601020304",
        "1:2:3:4:5::1.2.3.4, 00010002000300040005000001020304",
    })
    void isReadToItsBytes(String text, String bytes) {
        assertThat(IpAddress.parse(text)).isEqualTo(HexFormat.of().parseHex(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "1",
                "1.2.3",
                "1.2.3.",
                "1.2.3.4.",
                "1.2.3.4.5",
                "01.2.3.4",
                "1.2.3.04",
                "1.2.3.256",
                "1.2.3.1000",
                "1..3.4",
                "0x1.2.3.4",
                " 1.2.3.4",
                "1.2.3.4 ",
                "\u0661.2.3.4",
                "[::1]",
                "[::1",
                "::1]",
                "::1%1",
                "::1%eth0",
                "1.2.3.4%1",
                ":::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4::5:6:7:8",
                "1::2::3",
                "::12345",
                "::ffff:01.2.3.4",
                "::1.2.3",
                "::1.2.3.4:1",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "1:2:3:4:5:6::1.2.3.4",
            })
    void isNothingElse(String text) {
        assertThat(IpAddress.parse(text)).isNull();
    }

    @Test
    void mayStandAmongOtherText() {
        assertThat(IpAddress.parseV6("[::2]", 1, 4)).endsWith(0, 2);
        assertThat(IpAddress.parseV6("[1::]", 1, 4)).startsWith(0, 1);
    }
}
