package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes at the start of a connection, in any pieces: a header or a refusal, the same whatever the pieces, and no more
 * waited for than a header may have. The first byte is the size of the pieces; the rest is the wire's.
 */
class ProxyHeaderFuzzer {
    private static final String V1_START = "PROXY ";
    private static final String V2_START = "\r\n\r\n\0\r\nQUIT\n";
    private static final String NOBODY = "ProxyHeader[source=null, isSecure=false] of ";
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String IPV4 = "(" + OCTET + "(?:\\." + OCTET + "){3})";
    private static final String PORT = "(0|[1-9]\\d{0,4})";
    private static final Pattern TCP4 =
            Pattern.compile("PROXY TCP4 " + IPV4 + " " + IPV4 + " " + PORT + " " + PORT + "\r\n");

    @FuzzTest
    void anyStartIsReadOrRefused(byte[] data) {
        if (data.length == 0) {
            return;
        }
        ByteBuffer all = ByteBuffer.wrap(data, 1, data.length - 1).slice();
        int end = all.limit();
        String whole = parse(all.duplicate());
        int pieceBytes = 1 + (data[0] & 0xFF);
        String inPieces = "waits";
        for (int limit = 0; inPieces.equals("waits") && limit < end; ) {
            limit = Math.min(end, limit + pieceBytes);
            inPieces = parse(all.duplicate().limit(limit));
            assertThat(inPieces.equals("waits") && limit >= ProxyHeader.MAX_BYTES)
                    .isFalse();
        }
        assertThat(inPieces).isEqualTo(whole);
        String plain = plainly(StandardCharsets.ISO_8859_1.decode(all).toString());
        if (plain != null) {
            assertThat(whole).isEqualTo(plain);
        }
    }

    private static String parse(ByteBuffer in) {
        try {
            ProxyHeader header = ProxyHeader.parse(in);
            if (header == null) {
                assertThat(in.position()).isZero();
                return "waits";
            }
            return header + " of " + in.position();
        } catch (IllegalArgumentException refused) {
            return "refused";
        }
    }

    /** The header once more, with all the input at hand; {@code null} for addresses that are not IPv4 in text. */
    private static @Nullable String plainly(String in) {
        if (V1_START.startsWith(in) || V2_START.startsWith(in)) {
            return "waits";
        } else if (in.startsWith(V1_START)) {
            return plainlyV1(in);
        } else if (!in.startsWith(V2_START)) {
            return "refused";
        } else if (in.length() < 16) {
            return "waits";
        }
        int version = in.charAt(12);
        int length = 16 + (in.charAt(14) << 8) + in.charAt(15);
        if (version != 0x20 && version != 0x21 || length > ProxyHeader.MAX_BYTES) {
            return "refused";
        } else if (in.length() < length) {
            return "waits";
        }
        if (version == 0x21) {
            return null;
        }
        return hasRightSums(in.substring(0, length)) ? NOBODY + length : "refused";
    }

    /** Whether each checksum behind the addresses is that of the header with zeros in its place (section 2.2.3). */
    private static boolean hasRightSums(String header) {
        int family = header.charAt(13) >> 4;
        int at = 16 + (family == 1 ? 12 : family == 2 ? 36 : family == 3 ? 216 : 0);
        while (at + 3 <= header.length()) {
            int value = at + 3;
            int end = value + (header.charAt(at + 1) << 8) + header.charAt(at + 2);
            if (end > header.length()) {
                return true;
            }
            if (header.charAt(at) == 3 && end == value + 4) {
                String zeroed = header.substring(0, value) + "\0\0\0\0" + header.substring(end);
                CRC32C sum = new CRC32C();
                sum.update(zeroed.getBytes(StandardCharsets.ISO_8859_1));
                String right = String.format("%08x", sum.getValue());
                String told = String.format(
                        "%02x%02x%02x%02x",
                        (int) header.charAt(value),
                        (int) header.charAt(value + 1),
                        (int) header.charAt(value + 2),
                        (int) header.charAt(value + 3));
                if (!told.equals(right)) {
                    return false;
                }
            }
            at = end;
        }
        return true;
    }

    private static @Nullable String plainlyV1(String in) {
        int end = in.indexOf('\n') + 1;
        if (end == 0 || end > 107) {
            return in.length() >= 107 ? "refused" : "waits";
        }
        String line = in.substring(0, end);
        if (line.matches("PROXY UNKNOWN( [^\n]*)?\r\n")) {
            return NOBODY + end;
        } else if (line.startsWith("PROXY TCP6 ")) {
            return null;
        }
        Matcher tcp4 = TCP4.matcher(line);
        if (!tcp4.matches() || Integer.parseInt(tcp4.group(3)) > 65535 || Integer.parseInt(tcp4.group(4)) > 65535) {
            return "refused";
        }
        return "ProxyHeader[source=/" + tcp4.group(1) + ":" + tcp4.group(3) + ", isSecure=false] of " + end;
    }
}
