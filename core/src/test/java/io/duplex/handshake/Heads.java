package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.Limits;
import java.nio.ByteBuffer;

/** Heads as text, for tests. */
final class Heads {
    /** The key of the sample in RFC 6455 §1.3. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    /** The accept that answers {@link #KEY}. */
    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private Heads() {}

    /** A valid request with these lines behind its own. */
    static RequestHead upgrade(String... extraLines) {
        return request("GET /chat HTTP/1.1", upgradeLines("Sec-WebSocket-Version: 13", extraLines));
    }

    /** A valid request with this line in place of its version. */
    static RequestHead upgradeWithVersion(String versionLine, String... extraLines) {
        return request("GET /chat HTTP/1.1", upgradeLines(versionLine, extraLines));
    }

    private static String[] upgradeLines(String versionLine, String... extraLines) {
        String lines = """
                Host: server.example.com
                Upgrade: websocket
                Connection: Upgrade
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                """;
        return (lines + versionLine + "\n" + String.join("\n", extraLines))
                .strip()
                .split("\n");
    }

    static RequestHead request(String requestLine, String... lines) {
        return decodeRequest(requestLine + "\r\n" + String.join("\r\n", lines) + "\r\n\r\n");
    }

    static RequestHead decodeRequest(String raw) {
        HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
        RequestHead head = decoder.decode(bytes(raw));
        if (head == null) {
            throw new AssertionError(decoder.fault());
        }
        return head;
    }

    static ResponseHead decodeResponse(String raw) {
        HeadDecoder<ResponseHead> decoder = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch());
        ResponseHead head = decoder.decode(bytes(raw));
        if (head == null) {
            throw new AssertionError(decoder.fault());
        }
        return head;
    }

    static ByteBuffer bytes(String raw) {
        return ByteBuffer.wrap(raw.getBytes(UTF_8));
    }
}
