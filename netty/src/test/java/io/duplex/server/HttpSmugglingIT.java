package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.handshake.HeaderFields;
import io.duplex.transport.RawPeer;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that another party may read in another way: refused, with all that stands behind them (RFC 9112 §11.2). */
class HttpSmugglingIT {
    private static final String BEHIND = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final WebSocketServer server = WebSocketServer.builder()
            .port(0)
            .service("/**", exchange -> {
                seen.add(exchange.head().path() + " " + ISO_8859_1.decode(exchange.body()));
                exchange.respond(200, HeaderFields.EMPTY, ByteBuffer.allocate(0));
            })
            .start();

    @AfterEach
    void stop() {
        server.close();
    }

    private void assertRefused(String request, int status) throws Exception {
        String bytes = request.replace("~", "\r\n");
        for (boolean isLater : new boolean[] {false, true}) {
            seen.clear();
            try (RawPeer peer = RawPeer.connect(server.port())) {
                if (isLater) {
                    peer.send(BEHIND.replace("smuggled", "good"));
                    assertThat(peer.head()).startsWith("HTTP/1.1 200 ");
                    assertThat(seen.remove()).isEqualTo("/good ");
                }
                peer.send(bytes + BEHIND);
                String answer = peer.readAll();
                assertThat(answer)
                        .startsWith("HTTP/1.1 " + status + " ")
                        .contains("\r\nConnection: close\r\n")
                        .containsOnlyOnce("HTTP/1.1 ");
                assertThat(seen).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1~Host: localhost~Content-Length: 4~Transfer-Encoding: chunked~~0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~Content-Length: 4~~0~~",
                "POST / HTTP/1.1~Host: localhost~Content-Length: 1~Content-Length: 2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length: 2~Content-Length: 2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length: 2, 2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length: +2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length: 0x2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length : 2~~ab",
                "POST / HTTP/1.1~Host: localhost~ Content-Length: 2~~ab",
                "POST / HTTP/1.1~Host: localhost~Content-Length: 2\n~ab",
                "POST / HTTP/1.1~Host: localhost~X: a\nTransfer-Encoding: chunked~~0~~",
                "POST / HTTP/1.1~Host: localhost~X: a\rTransfer-Encoding: chunked~~0~~",
                "POST / HTTP/1.1~Host: localhost~X: a\u0000b~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding : chunked~~0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding:~ chunked~~0~~",
                "POST / HTTP/1.0~Host: localhost~Transfer-Encoding: chunked~~0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~0\n\n",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~ 0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~0x0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~-0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~2~abc~0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~2;x\n~ab~0~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~0~ A: b~~",
                "POST / HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~00000000000000000~~",
                "GET / HTTP/1.1~Host: localhost~Host: other~~",
                "GET http://other/ HTTP/1.1~Host: localhost~~",
                "GET / HTTP/1.1~~",
                "GET /  HTTP/1.1~Host: localhost~~",
                "GET /a\tb HTTP/1.1~Host: localhost~~",
                "GET / HTTP/1.1\nHost: localhost\n\n",
                "~GET / HTTP/1.1~Host: localhost~~"
            })
    void areRefusedWithAllBehindThem(String request) throws Exception {
        assertRefused(request, 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: chunked~Transfer-Encoding: identity",
                "Transfer-Encoding: chunked;q=1",
                "Transfer-Encoding: \u000bchunked"
            })
    void codingsThatAreNotKnownAreRefused(String field) throws Exception {
        String request = "POST / HTTP/1.1~Host: localhost~" + field + "~~0~~";
        assertRefused(request, field.contains("\u000b") ? 400 : 501);
    }

    @Test
    void aBodyIsNotReadAsARequest() throws Exception {
        try (HttpPeer peer = HttpPeer.connect(server.port())) {
            peer.send(HttpPeer.post("/", BEHIND));
            assertThat(peer.read().status()).isEqualTo(200);
            assertThat(peer.get("/next").status()).isEqualTo(200);
            assertThat(seen).containsExactly("/ " + BEHIND, "/next ");
        }
    }

    @Test
    void whatFollowsAnUpgradeThatIsRefusedIsNotRead() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/socket") + BEHIND);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 404 ").containsOnlyOnce("HTTP/1.1 ");
            assertThat(seen).isEmpty();
        }
    }
}
