package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol as HAProxy's specification has it. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    private static String source(ProxyHeader header) {
        return header.source() == null ? "-" : header.source().toString().substring(1);
    }

    /** Every beginning asks for more; the whole is read, and what follows is not. */
    private static ProxyHeader parseSplit(ByteBuffer whole) {
        for (int length = 0; length < whole.remaining(); length++) {
            ByteBuffer part = whole.duplicate().limit(whole.position() + length);
            assertThat(ProxyHeader.parse(part)).as("%s bytes", length).isNull();
            assertThat(part.position()).isEqualTo(whole.position());
        }
        ByteBuffer withRest = ByteBuffer.allocate(whole.remaining() + 2)
                .put(whole.duplicate())
                .put((byte) 'G')
                .put((byte) 'E')
                .flip();
        ProxyHeader header = ProxyHeader.parse(withRest);
        assertThat(withRest.remaining()).isEqualTo(2);
        assertThat(header).isNotNull();
        return header;
    }

    @Nested
    class Version1 {
        @ParameterizedTest
        @CsvSource({
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443, 192.0.2.1:56324",
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535, 255.255.255.255:65535",
            "PROXY TCP6 2001:db8::1 ::1 0 443, [2001:db8:0:0:0:0:0:1]:0",
            "PROXY UNKNOWN, -",
            "PROXY UNKNOWN ffff:f...f:ffff ffff 65535 65535, -",
        })
        void namesTheClient(String line, String source) {
            ProxyHeader header = parseSplit(bytes(line + "\r\n"));
            assertThat(source(header)).isEqualTo(source);
            assertThat(header.isSecure()).isFalse();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "GET / HTTP/1.1",
                    "PROXY\tTCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n",
                    "PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
                    "PROXY TCP4 010.0.0.1 198.51.100.1 56324 443\r\n",
                    "PROXY TCP6 [2001:db8::1] ::1 56324 443\r\n",
                    "PROXY TCP6 ::1%1 ::1 56324 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 056324 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n",
                    "PROXY TCP4 192.0.2.1 198.51.100.1  443\r\n",
                    "PROXY TCP4 2001:db8::1 ::1 1 443\r\n",
                    "PROXY TCP6 192.0.2.1 198.51.100.1 1 443\r\n",
                    "PROXY TCP6 [2001:db8::1] ::1 1 443\r\n",
                    "PROXY TCP4 localhost localhost 1 443\r\n",
                    "PROXY UDP4 192.0.2.1 198.51.100.1 1 443\r\n",
                    "PROXY \r\n",
                    "PROXY \n",
                })
        void isRefusedWhereItIsNotExact(String line) {
            assertThatIllegalArgumentException().isThrownBy(() -> ProxyHeader.parse(bytes(line)));
        }

        @Test
        void hasAtMost107Bytes() {
            assertThat(ProxyHeader.parse(bytes("PROXY UNKNOWN " + "x".repeat(91) + "\r\n")))
                    .isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeader.parse(bytes("PROXY UNKNOWN " + "x".repeat(93))))
                    .withMessageContaining("107");
        }
    }

    @Nested
    class Version2 {
        @ParameterizedTest
        @CsvSource({
            "21 11 000c c0000201 c6336401 dc04 01bb, 192.0.2.1:56324",
            "21 21 0024 20010db8000000000000000000000001 00000000000000000000000000000001 dc04 01bb,"
                    + " [2001:db8:0:0:0:0:0:1]:56324",
            "20 11 000c c0000201 c6336401 dc04 01bb, -",
            "20 00 0000, -",
            "21 00 0003 040000, -",
            "21 11 000f c0000201 c6336401 dc04 01bb 040000, 192.0.2.1:56324",
        })
        void namesTheClient(String rest, String source) {
            ProxyHeader header = parseSplit(Hex.parse(SIGNATURE + rest));
            assertThat(source(header)).isEqualTo(source);
            assertThat(header.isSecure()).isFalse();
        }

        @Test
        void skipsTheNamesOfUnixSockets() {
            assertThat(source(parseSplit(Hex.parse(SIGNATURE + "21 31 00d8" + "00".repeat(216)))))
                    .isEqualTo("-");
        }

        @Test
        void tellsWhetherTheClientUsesTls() {
            String body = "c0000201 c6336401 dc04 01bb 20 0005 01 00000000";
            assertThat(parseSplit(Hex.parse(SIGNATURE + "21 11 0014" + body)).isSecure())
                    .isTrue();
            assertThat(parseSplit(Hex.parse(SIGNATURE + "21 11 0014" + body.replace("0005 01", "0005 02")))
                            .isSecure())
                    .isFalse();
            assertThat(parseSplit(Hex.parse(SIGNATURE + "21 11 000f c0000201 c6336401 dc04 01bb 20 0000"))
                            .isSecure())
                    .isFalse();
        }

        @Test
        void checksTheChecksumIfThereIsOne() {
            String before = SIGNATURE + "21 11 0016 c0000201 c6336401 dc04 01bb 03 0004";
            String after = "04 0000";
            byte[] zeros = Hex.parse(before + "00000000" + after).array();
            CRC32C sum = new CRC32C();
            sum.update(zeros);
            String right = String.format("%08x", sum.getValue());
            assertThat(source(parseSplit(Hex.parse(before + right + after)))).isEqualTo("192.0.2.1:56324");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeader.parse(Hex.parse(before + "00000000" + after)))
                    .withMessageContaining("checksum");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeader.parse(
                            Hex.parse(SIGNATURE + "21 11 0010 c0000201 c6336401 dc04 01bb 03 0001 00")));
        }

        @Test
        void checksTheChecksumOfAnUnspecifiedFamilyToo() {
            String before = SIGNATURE + "21 00 0007 03 0004";
            CRC32C sum = new CRC32C();
            sum.update(Hex.parse(before + "00000000").array());
            String right = String.format("%08x", sum.getValue());
            assertThat(source(parseSplit(Hex.parse(before + right)))).isEqualTo("-");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeader.parse(Hex.parse(before + "00000000")))
                    .withMessageContaining("checksum");
            assertThat(source(parseSplit(Hex.parse(SIGNATURE + "21 00 0004 04ffff00"))))
                    .isEqualTo("-");
        }

        @ParameterizedTest
        @ValueSource(strings = {"20 00 0007", "20 11 0013 c0000201 c6336401 dc04 01bb"})
        void checksTheChecksumOfAProxyThatSpeaksForItselfToo(String start) {
            String before = SIGNATURE + start + " 03 0004";
            CRC32C sum = new CRC32C();
            sum.update(Hex.parse(before + "00000000").array());
            String right = String.format("%08x", sum.getValue());
            assertThat(source(parseSplit(Hex.parse(before + right)))).isEqualTo("-");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeader.parse(Hex.parse(before + "00000000")))
                    .withMessageContaining("checksum");
        }

        @Test
        void aProxyThatSpeaksForItselfNeedSayNothingMore() {
            assertThat(source(parseSplit(Hex.parse(SIGNATURE + "20 11 0000")))).isEqualTo("-");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "11 11 000c c0000201 c6336401 dc04 01bb", // version 1
                    "22 11 000c c0000201 c6336401 dc04 01bb", // no such command
                    "21 12 000c c0000201 c6336401 dc04 01bb", // a datagram
                    "21 41 000c c0000201 c6336401 dc04 01bb", // no such family
                    "21 11 000b c0000201 c6336401 dc04 01", // too short
                    "21 21 000c c0000201 c6336401 dc04 01bb",
                    "21 31 0002 0000",
                    "21 11 000e c0000201 c6336401 dc04 01bb 0400", // half an extension
                    "21 11 0010 c0000201 c6336401 dc04 01bb 040002 00",
                    "21 11 ffff c0000201", // refused before it comes
                    "21 11 0ff1",
                })
        void isRefusedWhereItIsNotExact(String rest) {
            assertThatIllegalArgumentException().isThrownBy(() -> ProxyHeader.parse(Hex.parse(SIGNATURE + rest)));
        }

        @Test
        void isRefusedAtItsFirstWrongByte() {
            assertThatIllegalArgumentException().isThrownBy(() -> ProxyHeader.parse(Hex.parse("0d0a0d0b")));
        }
    }

    @Test
    void anyBytesAreReadRefusedOrTooFew() {
        Random random = new Random(7);
        byte[] good = Hex.parse(
                        SIGNATURE + "21 11 001b c0000201 c6336401 dc04 01bb 20 0005 01 00000000 03 0004 00000000")
                .array();
        for (int i = 0; i < 100_000; i++) {
            byte[] mutant = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            try {
                ProxyHeader.parse(ByteBuffer.wrap(mutant, 0, random.nextInt(mutant.length + 1)));
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("PROXY");
            }
        }
    }
}
