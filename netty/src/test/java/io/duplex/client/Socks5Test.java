package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What SOCKS 5 is on the wire (RFC 1928, RFC 1929). */
class Socks5Test {
    private static final Proxy PROXY = Proxy.socks5("proxy.test", 1080);

    private static String hex(byte[] bytes) {
        return Hex.format(ByteBuffer.wrap(bytes));
    }

    /** Gives {@code answers} to the dialogue, and more at a time as long as it wants more. Returns what it says to each. */
    private static String say(Socks5 dialogue, String answers) {
        StringBuilder said = new StringBuilder(hex(dialogue.start()));
        ByteBuffer all = Hex.parse(answers);
        int end = all.limit();
        for (int limit = 1; limit <= end; limit++) {
            all.limit(limit);
            byte[] next = dialogue.receive(all);
            if (next.length > 0) {
                said.append('|').append(hex(next));
            }
        }
        return said.toString();
    }

    @Test
    void aNameIsAskedForByItself() {
        Socks5 dialogue = new Socks5(PROXY, "ab.test", 443);
        assertThat(say(dialogue, "0500 05000001 7f000001 0050"))
                .isEqualTo("050100|0501000307" + "61622e74657374" + "01bb");
        assertThat(dialogue.isOpen()).isTrue();
        assertThat(dialogue.isRefused()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 050100010a0000010050",
        "::1, 05010004000000000000000000000000000000010050",
        "64:ff9b::192.0.2.1, 050100040064ff9b0000000000000000c00002010050",
        "::127.0.0.1, 050100040000000000000000000000007f0000010050",
    })
    void anAddressIsAskedForAsOne(String host, String request) {
        assertThat(say(new Socks5(PROXY, host, 80), "0500")).isEqualTo("050100|" + request);
    }

    @Test
    void userAndPasswordAreSentIfTheProxyWantsThem() {
        Proxy proxy = PROXY.credentials("me", "\u00e9");
        assertThat(say(new Socks5(proxy, "10.0.0.1", 80), "0502 0100"))
                .isEqualTo("05020002|01026d6502c3a9|050100010a0000010050");
        assertThat(say(new Socks5(proxy, "10.0.0.1", 80), "0500")).isEqualTo("05020002|050100010a0000010050");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"05000003 0461622e63 0050", "05000004 00000000000000000000000000000001 0050", "0500000300 0050"})
    void anAddressOfAnyTypeMayBeInTheReply(String reply) {
        Socks5 dialogue = new Socks5(PROXY, "ab.test", 443);
        say(dialogue, "0500" + reply);
        assertThat(dialogue.isOpen()).isTrue();
    }

    @Test
    void whatIsBehindTheReplyIsLeft() {
        Socks5 dialogue = new Socks5(PROXY, "ab.test", 443);
        dialogue.receive(Hex.parse("0500"));
        ByteBuffer in = Hex.parse("05000001 7f000001 0050 ff");
        dialogue.receive(in);
        assertThat(in.remaining()).isEqualTo(1);
        assertThat(dialogue.receive(in)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "4854, does not speak SOCKS 5",
        "05ff, wants a user and password",
        "0502, 'chose authentication method 2, which was not offered'",
        "0500 04, does not speak SOCKS 5",
        "0500 0501, refused the tunnel: general failure",
        "0500 0502, refused the tunnel: its rules do not allow it",
        "0500 0503, refused the tunnel: network unreachable",
        "0500 0504, refused the tunnel: host unreachable",
        "0500 0505, refused the tunnel: connection refused by the server",
        "0500 0506, refused the tunnel: time to live expired",
        "0500 0507, refused the tunnel: it does not know CONNECT",
        "0500 0508, refused the tunnel: it does not know this type of address",
        "0500 05ee, refused the tunnel: code 238",
        "0500 0500000900, sent an address of no known type",
    })
    void aRefusalHasItsReason(String answers, String reason) {
        Socks5 dialogue = new Socks5(PROXY, "ab.test", 443);
        say(dialogue, answers);
        assertThat(dialogue.isRefused()).isTrue();
        assertThat(dialogue.isOpen()).isFalse();
        assertThat(dialogue.refusal()).hasMessage(reason);
        assertThat(dialogue.receive(Hex.parse("00"))).isEmpty();
    }

    @Test
    void aNameThatIsTooLongIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Socks5(PROXY, "a".repeat(256), 1));
    }
}
