package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are made to be read in two ways, or to get where they should not. */
class HostileHandshakeIT {
    private final Recorder handler = new Recorder();
    private final List<String> rooms = new CopyOnWriteArrayList<>();
    private final List<String> secrets = new CopyOnWriteArrayList<>();
    private WebSocketServer server;

    @BeforeEach
    void start() {
        server = WebSocketServer.builder()
                .port(0)
                .route("/chat/{room}", this::enter)
                .route("/secret/{name}", handshake -> {
                    secrets.add(handshake.path());
                    return handler;
                })
                .httpRoute("/page", request -> HttpResponse.text(200, "a page"))
                .start();
    }

    private WebSocketHandler enter(Handshake handshake) {
        rooms.add(handshake.pathParameter("room"));
        return handler;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** All that is answered to what is sent at once. */
    private String answerTo(String bytes) throws IOException {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(bytes);
            peer.shutdownOutput();
            return peer.readAll();
        }
    }

    private static String fields(String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 6",
                "Content-Length: 0\r\nContent-Length: 6",
                "Content-Length: 0, 6",
                "Content-Length: +6",
                "Content-Length: 0x6",
                "Content-Length: -1",
                "Content-Length: 99999999999999999999999",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked, identity\r\nContent-Length: 6",
                "Transfer-Encoding : chunked",
                "Transfer\u00adEncoding: chunked",
                "X: a\r\n Transfer-Encoding: chunked",
                "X: a\nTransfer-Encoding: chunked",
                "X: a\rTransfer-Encoding: chunked",
                "X: a\u0000b",
                "X: a\u0007b",
                "X\u0000: a",
                ": a",
                "no colon at all",
                "X Y: a"
            })
    void whatCouldBeReadInTwoWaysIsRefused(String field) throws IOException {
        String answer = answerTo(RawPeer.request("/chat/a", field) + "\u0081\u0085\u0000\u0000\u0000\u0000smugg");
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("smugg").containsOnlyOnce("HTTP/1.1 ");
        assertThat(rooms).isEmpty();
        assertThat(handler.isEmpty()).isTrue();
    }

    @Test
    void aRequestBehindARefusedOneIsNotAnswered() throws IOException {
        String refused = fields("/chat/a", "Host: localhost", "Upgrade: websocket", "Content-Length: 1");
        assertThat(answerTo(refused + RawPeer.request("/secret/b"))).containsOnlyOnce("HTTP/1.1 ");
        assertThat(answerTo(fields("/page", "Host: localhost", "Connection: close") + RawPeer.request("/secret/b")))
                .startsWith("HTTP/1.1 200 ")
                .containsOnlyOnce("HTTP/1.1 ");
        assertThat(secrets).isEmpty();
    }

    @Test
    void aRequestBehindAnAcceptedOneIsNoFrame() throws IOException {
        String answer = answerTo(RawPeer.request("/chat/a") + RawPeer.request("/secret/b"));
        assertThat(answer)
                .startsWith("HTTP/1.1 101 ")
                .containsOnlyOnce("HTTP/1.1 ")
                .contains("\u0088");
        assertThat(secrets).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost",
                "Host: localhost:1",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Version: 8",
                "Origin: http://localhost\r\nOrigin: http://localhost",
                "Sec-WebSocket-Extensions: ",
                "Sec-WebSocket-Extensions: ,,,",
                "Sec-WebSocket-Extensions: permessage-deflate; a=\"",
                "Sec-WebSocket-Protocol: ",
                "Sec-WebSocket-Protocol: a, a",
                "Sec-WebSocket-Protocol: a b",
                "Sec-WebSocket-Protocol: a/b"
            })
    void whatIsDoubledOrEmptyIsRefused(String field) throws IOException {
        assertThat(answerTo(RawPeer.request("/chat/a", field))).containsPattern("^HTTP/1\\.1 4(00|03|26) ");
        assertThat(rooms).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: ,",
                "Upgrade: websocket, \r\nConnection: ,",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: ",
                "Sec-WebSocket-Key: AAAA",
                "Sec-WebSocket-Version: ",
                "Sec-WebSocket-Version: 013",
                "Sec-WebSocket-Version: 13, 13"
            })
    void whatIsMissingIsNoUpgrade(String field) throws IOException {
        assertThat(answerTo(fields("/chat/a", "Host: localhost", field))).containsPattern("^HTTP/1\\.1 4(00|26) ");
        assertThat(rooms).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/chat/../secret/b",
                "/chat/%2e%2e/secret/b",
                "/chat/..%2fsecret%2fb",
                "/chat/%252e%252e/secret/b",
                "/chat/..;/secret/b",
                "/chat//../secret/b",
                "//secret/b",
                "/./secret/b",
                "/chat/a/../../secret/b",
                "/secret/b/../../chat/a",
                "\\secret\\b",
                "/chat\\..\\secret\\b",
                "/chat/%",
                "/chat/%2",
                "/chat/%zz",
                "/chat/%u0041",
                "/chat/%c0%ae%c0%ae",
                "/chat/%ff",
                "/chat/%ed%a0%80",
                "/chat/%00",
                "/chat/a%0d%0aX:%20b",
                "/chat/a#b",
                "chat/a",
                "*",
                "localhost:80",
                "http://evil.example/secret/b",
                "http://localhost@evil.example/secret/b",
                "http:///secret/b",
                "ftp://localhost/secret/b",
                "http://localhost:99999/secret/b"
            })
    void noTargetLeavesItsRoute(String target) throws IOException {
        String answer = answerTo(RawPeer.request(target));
        assertThat(answer).containsPattern("^HTTP/1\\.1 (101|400|404) ").doesNotContain("\r\nX: b");
        assertThat(secrets).isEmpty();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            assertThat(rooms).isEmpty();
        }
    }

    @Test
    void aTargetOfItsOwnHostIsTheSameInEitherForm() throws IOException {
        assertThat(answerTo(RawPeer.request("http://localhost/chat/a"))).startsWith("HTTP/1.1 101 ");
        assertThat(rooms).containsExactly("a");
    }

    @Test
    void noBytesOfARequestStandInItsAnswer() throws IOException {
        for (String request : List.of(
                RawPeer.request("/needle"),
                RawPeer.request("/chat/%needle"),
                RawPeer.request("/chat/a", "Origin: https://needle.example"),
                RawPeer.request("/chat/a", "needle"),
                RawPeer.request("/chat/a", "Sec-WebSocket-Extensions: needle; ="),
                "NEEDLE /needle HTTP/1.1\r\nHost: needle\r\n\r\n")) {
            assertThat(answerTo(request)).startsWith("HTTP/1.1 4").doesNotContainIgnoringCase("needle");
        }
    }
}
