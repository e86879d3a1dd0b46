package io.duplex.sockjs;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.sockjs.Endpoint.Kind;
import io.duplex.testkit.Covers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors SJU-*. */
@Covers({"SJ-URL-1", "SJ-URL-2", "SJ-URL-3", "SJ-IFR-1"})
class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "'', WELCOME",
        "/, WELCOME",
        "/iframe.html, IFRAME",
        "/iframe-a.html, IFRAME",
        "/iframe-.html, IFRAME",
        "/iframe-0.1.2.html, IFRAME",
        "/iframe-0.1.2abc-dirty.2144.html, IFRAME",
        "/info, INFO",
        "/websocket, RAW_WEBSOCKET",
        "/000/s/xhr, XHR",
        "/999/s/xhr_streaming, XHR_STREAMING",
        "/a/s/xhr_send, XHR_SEND",
        "/a/s/eventsource, EVENTSOURCE",
        "/a/s/htmlfile, HTMLFILE",
        "/a/s/jsonp, JSONP",
        "/a/s/jsonp_send, JSONP_SEND",
        "/a/s/websocket, WEBSOCKET"
    })
    void somethingStandsAt(String path, Kind kind) {
        Endpoint endpoint = Endpoint.of(path);

        assertThat(endpoint).isNotNull();
        assertThat(endpoint.kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a",
                "/a.html",
                "//",
                "///",
                "/a/a",
                "/a/a/",
                "/a/",
                "/iframe.htm",
                "/iframe",
                "/IFRAME.HTML",
                "/iframe.HTML",
                "/iframe.xml",
                "/iframe-/.html",
                "/a./a/xhr",
                "/a/a./xhr",
                "/./././xhr",
                "///xhr",
                "//xhr",
                "/a/b/c",
                "/a/b/xhr/",
                "/a//xhr"
            })
    void nothingStandsAt(String path) {
        assertThat(Endpoint.of(path)).isNull();
    }
}
