package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In Turkish the lower case of I is no i. */
@Covers({"WS-2-1", "WS-4.1-R8"})
class LocaleTest {
    private final Locale before = Locale.getDefault();

    @BeforeEach
    void speakTurkish() {
        Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    }

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @Test
    void doesNotMatter() {
        RequestHead request = Heads.request(
                "GET HTTP://SERVER.IO/ HTTP/1.1",
                "HOST: server.io",
                "UPGRADE: WEBSOCKET",
                "CONNECTION: UPGRADE",
                "SEC-WEBSOCKET-KEY: " + Heads.KEY,
                "SEC-WEBSOCKET-VERSION: 13",
                "ORIGIN: HTTP://SERVER.IO",
                "X-ID: 1");
        Answer answer = ServerHandshake.builder().build().answer(request, false);
        assertThat(answer).isInstanceOf(Answer.Accepted.class);
        assertThat(request.fields().toMap()).containsKey("x-id");
        assertThat(WebSocketUri.parse("WS://SERVER.IO").host()).isEqualTo("server.io");
    }
}
