package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.handshake.HeadScratch;
import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Any bytes from a proxy, in any pieces: a tunnel or a refusal, the same whatever the pieces, and never more said to the
 * proxy than was asked for. The first byte has the settings, the second the size of the pieces; the rest is the wire's.
 */
class ProxyAnswerFuzzer {
    private static final Limits LIMITS =
            Limits.builder().maxHeaderBytes(2048).maxHeaderFields(20).build();
    private static final String[] REASONS = {
        "",
        "general failure",
        "its rules do not allow it",
        "network unreachable",
        "host unreachable",
        "connection refused by the server",
        "time to live expired",
        "it does not know CONNECT",
        "it does not know this type of address",
        "code #",
    };

    private static final Proxy HTTP = Proxy.http("proxy.test", 3128);
    private static final Proxy SOCKS = Proxy.socks5("proxy.test", 1080);

    @FuzzTest
    void httpConnect(byte[] data) {
        if (data.length >= 2) {
            String whole = talk(httpDialogue(), data, data.length);
            assertThat(talk(httpDialogue(), data, pieceBytes(data))).isEqualTo(whole);
        }
    }

    private static ProxyDialogue httpDialogue() {
        return new HttpConnect(HTTP, "server.test:443", LIMITS, new HeadScratch());
    }

    @FuzzTest
    void socks5(byte[] data) {
        if (data.length >= 2) {
            boolean known = (data[0] & 1) != 0;
            String whole = talk(socksDialogue(known), data, data.length);
            assertThat(talk(socksDialogue(known), data, pieceBytes(data))).isEqualTo(whole);
            assertThat(whole).isEqualTo(plainly(known, Arrays.copyOfRange(data, 2, data.length)));
        }
    }

    private static ProxyDialogue socksDialogue(boolean known) {
        return new Socks5(known ? SOCKS.credentials("me", "pw") : SOCKS, "10.0.0.1", 80);
    }

    private static int pieceBytes(byte[] data) {
        return 1 + (data[1] & 0xFF);
    }

    /** What is said to the proxy, and what comes of it; bytes come as a {@link ProxyTunnel} gives them. */
    private static String talk(ProxyDialogue dialogue, byte[] data, int pieceBytes) {
        StringBuilder told = new StringBuilder(hex(dialogue.start()));
        ByteBuffer in = ByteBuffer.wrap(data, 2, data.length - 2).slice();
        int end = in.limit();
        int limit = 0;
        do {
            limit = Math.min(end, limit + pieceBytes);
            in.limit(limit);
            byte[] next = dialogue.receive(in);
            while (next.length > 0) {
                told.append('|').append(hex(next));
                next = dialogue.receive(in);
            }
        } while (limit < end && !dialogue.isOpen() && !dialogue.isRefused());
        HandshakeException refusal = dialogue.refusal();
        if (dialogue.isOpen()) {
            assertThat(refusal).isNull();
            return told.append(" open at ").append(in.position()).toString();
        }
        if (refusal == null) {
            assertThat(dialogue.isRefused()).isFalse();
            return told.append(" waits").toString();
        }
        byte[] body = refusal.body();
        assertThat(body.length).isLessThanOrEqualTo(ResponseBody.MAX_BYTES);
        return told + " " + refusal.status() + " " + (dialogue.isRefused() ? "complete" : "goes on") + " "
                + refusal.getMessage() + hex(body);
    }

    private static String hex(byte[] bytes) {
        return Hex.format(ByteBuffer.wrap(bytes));
    }

    /** SOCKS 5 once more, with all the input at hand, for 10.0.0.1 port 80 (RFC 1928 §3, §4 and §6, RFC 1929 §2). */
    private static String plainly(boolean known, byte[] in) {
        String told = known ? "05020002" : "050100";
        String request = "|050100010a0000010050";
        int at = 2;
        if (in.length < 2) {
            return told + " waits";
        } else if (in[0] != 5) {
            return told + refused("does not speak SOCKS 5");
        } else if (in[1] == -1) {
            return told + refused(known ? "takes no user and password" : "wants a user and password");
        } else if (in[1] != 0 && !(known && in[1] == 2)) {
            return told + refused("chose authentication method " + (in[1] & 0xFF) + ", which was not offered");
        } else if (in[1] == 2) {
            told += "|01026d65027077";
            if (in.length < 4) {
                return told + " waits";
            } else if (in[3] != 0) {
                return told + refused("refused the user and password");
            }
            at = 4;
        }
        told += request;
        byte[] reply = Arrays.copyOfRange(in, at, in.length);
        if (reply.length > 0 && reply[0] != 5) {
            return told + refused("does not speak SOCKS 5");
        } else if (reply.length > 1 && reply[1] != 0) {
            return told
                    + refused("refused the tunnel: "
                            + REASONS[Math.min(reply[1] & 0xFF, REASONS.length - 1)].replace(
                                    "#", Integer.toString(reply[1] & 0xFF)));
        } else if (reply.length < 5) {
            return told + " waits";
        } else if (reply[3] != 1 && reply[3] != 3 && reply[3] != 4) {
            return told + refused("sent an address of no known type");
        }
        int length = 6 + (reply[3] == 1 ? 4 : reply[3] == 4 ? 16 : 1 + (reply[4] & 0xFF));
        return told + (reply.length < length ? " waits" : " open at " + (at + length));
    }

    private static String refused(String why) {
        HandshakeException refusal = new HandshakeException(why, null);
        return " " + refusal.status() + " complete " + why;
    }
}
