package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.transport.RawPeer;
import java.io.IOException;
import java.util.Locale;

/** The other end of a connection that speaks HTTP/1. Confined to one thread at a time. */
final class HttpPeer implements AutoCloseable {
    private final RawPeer raw;

    private HttpPeer(RawPeer raw) {
        this.raw = raw;
    }

    static HttpPeer connect(int port) throws IOException {
        return new HttpPeer(RawPeer.connect(port));
    }

    /** An answer; the names of its fields are in lower case. */
    record Answer(int status, String head, String body) {
        boolean has(String field) {
            return head.contains("\r\n" + field + "\r\n");
        }
    }

    RawPeer raw() {
        return raw;
    }

    /** A request without a body. */
    static String request(String method, String target, String... fields) {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    /** A request with a body. */
    static String post(String target, String body, String... fields) {
        String[] all = new String[fields.length + 1];
        System.arraycopy(fields, 0, all, 1, fields.length);
        all[0] = "Content-Length: " + body.length();
        return request("POST", target, all) + body;
    }

    HttpPeer send(String bytes) throws IOException {
        raw.send(bytes);
        return this;
    }

    Answer get(String target, String... fields) throws IOException {
        return send(request("GET", target, fields)).read();
    }

    Answer read() throws IOException {
        return read(true);
    }

    /** Reads the head of an answer. */
    Answer readHead() throws IOException {
        return read(false);
    }

    private Answer read(boolean withBody) throws IOException {
        String head = raw.head();
        int line = head.indexOf("\r\n");
        String fields = head.substring(line).toLowerCase(Locale.ROOT);
        int status = Integer.parseInt(head.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
        if (!withBody || status < 200) {
            return new Answer(status, fields, "");
        }
        if (fields.contains("\r\ntransfer-encoding: chunked\r\n")) {
            return new Answer(status, fields, chunks());
        }
        int at = fields.indexOf("\r\ncontent-length: ");
        if (at < 0) {
            return new Answer(status, fields, "");
        }
        int from = at + "\r\ncontent-length: ".length();
        int length = Integer.parseInt(fields.substring(from, fields.indexOf("\r\n", from)));
        return new Answer(status, fields, new String(raw.read(length), ISO_8859_1));
    }

    /** Reads one chunk; the last one is empty. */
    String chunk() throws IOException {
        String line = line();
        int size = Integer.parseInt(line, 16);
        String chunk = new String(raw.read(size), ISO_8859_1);
        assertThat(line()).isEmpty();
        return chunk;
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        String next = chunk();
        while (!next.isEmpty()) {
            body.append(next);
            next = chunk();
        }
        return body.toString();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || !line.substring(line.length() - 2).equals("\r\n")) {
            line.append((char) raw.read(1)[0]);
        }
        return line.substring(0, line.length() - 2);
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
