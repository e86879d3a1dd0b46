package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.cli.Chromium.Page;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoIT {
    private static final int[] ECHO_SIZES = {1, 125, 126, 1024, 65535, 65536, 1 << 20, 4 << 20, 16 << 20};

    private static DuplexProcess server;
    private static DuplexProcess uncompressed;
    private static String page;
    private static String uncompressedPage;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = DuplexProcess.start("demo", "--port", "0");
        uncompressed = DuplexProcess.start("demo", "--port", "0", "--compression", "off");
        page = pageOf(server);
        uncompressedPage = pageOf(uncompressed);
    }

    private static String pageOf(DuplexProcess demo) throws InterruptedException {
        URI address = demo.listening("/");
        String expected = "http://127.0.0.1:" + address.getPort() + "/";
        assertThat(demo.line()).isEqualTo("open " + expected);
        assertThat(demo.line()).isEqualTo("for a second window open " + expected + "?name=Grace");
        return expected;
    }

    @AfterAll
    static void stop() {
        server.close();
        uncompressed.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'', text/html; charset=utf-8",
        "demo.css, text/css; charset=utf-8",
        "demo.js, text/javascript; charset=utf-8",
        "favicon.svg, image/svg+xml",
        "lab, text/html; charset=utf-8",
        "lab.js, text/javascript; charset=utf-8",
        "client/socket.js, text/javascript; charset=utf-8"
    })
    void filesHaveTheirTypeAndSafeHeaders(String file, String contentType) throws Exception {
        HttpResponse<String> response = get(file);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isNotEmpty();
        assertThat(response.headers().allValues("Content-Type")).containsExactly(contentType);
        assertThat(response.headers().allValues("Cache-Control")).containsExactly("no-cache");
        assertThat(response.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(response.headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'self'; connect-src 'self' http: https: ws: wss:; img-src 'self' data:");
    }

    @Test
    void nothingElseIsServed() throws Exception {
        assertThat(get("../Main.class").statusCode()).isEqualTo(404);
        assertThat(get("index.html").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<String> get(String file) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(page + file)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Nested
    class InChromium {
        private static Chromium chromium;

        @BeforeAll
        static void start() throws IOException {
            chromium = Chromium.start();
        }

        @AfterAll
        static void stop() throws Exception {
            if (chromium != null) {
                chromium.close();
                assertThat(chromium.complaints()).isEmpty();
            }
        }

        private Page join(String name, String room) throws Exception {
            Page joined = chromium.open(page + "?name=" + name + "&room=" + room);
            joined.await("document.getElementById('state').textContent === 'OPEN'");
            return joined;
        }

        @Test
        void twoPagesChat() throws Exception {
            Page ada = join("Ada", "two");
            Page grace = join("Grace", "two");
            ada.await("document.getElementById('members').textContent === '2'");
            grace.await("document.getElementById('members').textContent === '2'");
            say(ada, "grüße <b>😀</b>");
            awaitMessage(ada, "Ada", "grüße <b>😀</b>");
            awaitMessage(grace, "Ada", "grüße <b>😀</b>");
            say(grace, "back");
            awaitMessage(ada, "Grace", "back");
            awaitMessage(grace, "Grace", "back");
        }

        private static void say(Page speaker, String text) throws Exception {
            speaker.fill("text", text);
            speaker.click("send");
        }

        private static void awaitMessage(Page reader, String who, String what) throws Exception {
            reader.await("[...document.querySelectorAll('#log .message')].some((message) =>"
                    + " message.querySelector('.who').textContent === '" + who + "'"
                    + " && message.querySelector('.what').textContent === '" + what + "')");
        }

        @Test
        void serverPushesUnasked() throws Exception {
            Page listener = join("Ada", "push");
            listener.click("push-toggle");
            listener.await("Number(document.getElementById('push-count').textContent) >= 15");
            assertThat(listener.text("push-time")).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3}");
        }

        @Test
        void closeCodeTravelsThereAndBack() throws Exception {
            Page closer = join("Ada", "close");
            closer.fill("close-code", "4001");
            closer.fill("close-reason", "bye");
            closer.click("close");
            closer.await("document.getElementById('close-event').textContent.includes('4001')");
            assertThat(closer.text("close-event")).contains("wasCleantrue");
            closer.click("reconnect");
            closer.await("document.getElementById('state').textContent === 'OPEN'");
        }

        @Test
        void endOfTheServerIsSeenAs1001() throws Exception {
            try (DuplexProcess mortal = DuplexProcess.start("demo", "--port", "0")) {
                Page left = chromium.open(pageOf(mortal));
                left.await("document.getElementById('state').textContent === 'OPEN'");
                left.click("auto-reconnect");
                mortal.terminate();
                left.await("document.getElementById('close-event').textContent.includes('1001')");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"text", "binary"})
        void everySizeComesBackCompressed(String kind) throws Exception {
            Page bench = join("Ada", "bench");
            assertThat(bench.text("extensions")).contains("permessage-deflate");
            echoAll(bench, kind);
        }

        @ParameterizedTest
        @ValueSource(strings = {"text", "binary"})
        void everySizeComesBackUncompressed(String kind) throws Exception {
            Page bench = chromium.open(uncompressedPage);
            bench.await("document.getElementById('state').textContent === 'OPEN'");
            assertThat(bench.text("extensions")).doesNotContain("permessage-deflate");
            echoAll(bench, kind);
        }

        private static void echoAll(Page bench, String kind) throws Exception {
            for (int size : ECHO_SIZES) {
                bench.fill("echo-size", String.valueOf(size));
                bench.fill("echo-kind", kind);
                bench.click("echo-run");
                bench.await("!document.getElementById('echo-run').disabled");
                assertThat(bench.text("echo-result"))
                        .as("%d bytes as %s", size, kind)
                        .startsWith("ok")
                        .contains(kind);
            }
        }
    }
}
