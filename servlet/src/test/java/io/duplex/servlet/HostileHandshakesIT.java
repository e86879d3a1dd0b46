package io.duplex.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are no good opening handshake are not upgraded, whoever would serve the connection (RFC 6455 §4.2). */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"ALWAYS", "NEVER", "PORTABLE"})
@Timeout(180)
class HostileHandshakesIT {
    @Parameter
    HandOff handOff;

    private ServletHost host;
    private TestTomcat tomcat;

    @BeforeEach
    void start() throws Exception {
        host = ServletHost.builder().handOff(handOff).build();
        tomcat = new TestTomcat(false)
                .route("/echo", host, handshake -> new Member())
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
        tomcat.close();
        assertThat(host.opened()).isZero();
    }

    /** The answer, whose connection nobody has upgraded. */
    private String answerTo(String request) throws Exception {
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(request, "");
            return raw.head();
        }
    }

    @ParameterizedTest
    @Covers({"WS-4.2.1-0", "WS-POL-5"})
    @ValueSource(
            strings = {
                "Host: two.example\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Sec-WebSocket-Protocol: a b\r\n",
                "Sec-WebSocket-Extensions: ;\r\n",
                "Content-Length: 5\r\n",
                "Transfer-Encoding: chunked\r\n",
                "X: \u0000\r\n"
            })
    void aFieldTooManyIsAnsweredWith400(String field) throws Exception {
        assertThat(answerTo(RawClient.request("/echo", field))).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @Covers({"WS-4.2.1-0", "WS-POL-5"})
    @ValueSource(strings = {"", "dGhlIHNhbXBsZSBub25jZQ", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZSBpcyBsb25n", "!!!!"})
    void aBadKeyIsAnsweredWith400(String key) throws Exception {
        String request = RawClient.request("/echo").replace("dGhlIHNhbXBsZSBub25jZQ==", key);
        assertThat(answerTo(request)).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: 127.0.0.1\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Connection: Upgrade\r\n"
            })
    void aMissingFieldIsAnsweredWith400(String field) throws Exception {
        assertThat(answerTo(RawClient.request("/echo").replace(field, ""))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aRequestThatAsksForNoUpgradeIsAnsweredWith426() throws Exception {
        assertThat(answerTo(RawClient.request("/echo").replace("Upgrade: websocket\r\n", "")))
                .startsWith("HTTP/1.1 426 ");
    }

    @Test
    @Covers("WS-4.2.2-4c")
    void anotherVersionIsAnsweredWith426AndOurs() throws Exception {
        assertThat(answerTo(RawClient.request("/echo").replace("Version: 13", "Version: 8")))
                .startsWith("HTTP/1.1 426 ")
                .contains("Sec-WebSocket-Version: 13\r\n");
    }

    @Test
    @Covers("WS-4.2.1-1")
    void anotherMethodIsRefused() throws Exception {
        assertThat(answerTo(RawClient.request("/echo").replace("GET ", "PUT "))).startsWith("HTTP/1.1 405 ");
    }

    @Test
    @Covers("WS-4.2.1-1")
    void anOlderHttpIsNotUpgraded() throws Exception {
        assertThat(answerTo(RawClient.request("/echo").replace("HTTP/1.1", "HTTP/1.0")))
                .startsWith("HTTP/1.1 505 ");
    }

    @ParameterizedTest
    @Covers({"WS-10.2-2", "WS-4.2.2-4b"})
    @ValueSource(strings = {"http://evil.example", "http://127.0.0.1.evil.example", "null", "http://127.0.0.1:1", ""})
    void aForeignOriginIsAnsweredWith403(String origin) throws Exception {
        assertThat(answerTo(RawClient.request("/echo", "Origin: " + origin + "\r\n")))
                .startsWith("HTTP/1.1 403 ")
                .doesNotContain("Sec-WebSocket-Accept");
    }

    @Test
    @Covers("WS-POL-2")
    void aHeadWithoutEndIsRefused() throws Exception {
        assertThat(answerTo(RawClient.request("/echo", "A: b\r\n".repeat(20_000))))
                .startsWith("HTTP/1.1 4");
    }

    /** Behind a proxy that reads the length otherwise they might be another's request. */
    @Test
    void aBodyIsNotTakenForFrames() throws Exception {
        String smuggled = "GET /echo HTTP/1.1\r\n\r\n";
        String request = RawClient.request("/echo", "Content-Length: " + smuggled.length() + "\r\n") + smuggled;
        assertThat(answerTo(request)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aRefusalTellsNothingOfTheServersInside() throws Exception {
        assertThat(answerTo(RawClient.request("/echo", "Origin: http://evil.example\r\n"))
                        .toLowerCase(Locale.ROOT))
                .doesNotContain("exception", "io.duplex");
    }
}
