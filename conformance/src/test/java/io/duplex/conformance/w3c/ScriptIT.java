package io.duplex.conformance.w3c;

import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code BrowserWebSocket} as the global {@code WebSocket} of a JavaScript engine, against our server. The tests are scripts:
 * they have the intent of those under {@code websockets/} of the web platform's own, but for what concerns pages, frames and
 * workers. What needs a server that breaks rules is in the tests of the client.
 */
class ScriptIT {
    @TestFactory
    @Covers({
        "WAPI-CTOR-1",
        "WAPI-CTOR-3",
        "WAPI-CTOR-6",
        "WAPI-STATE-1",
        "WAPI-BUF-1",
        "WAPI-BUF-2",
        "WAPI-BIN-1",
        "WAPI-CLOSE-3",
        "WAPI-CLOSE-9",
        "WAPI-SEND-2",
        "WAPI-SEND-6",
        "WAPI-ON-1",
        "WAPI-EV-13"
    })
    Stream<DynamicTest> overTcp() throws Exception {
        return tests(new ScriptServer().builder(), "ws");
    }

    @TestFactory
    Stream<DynamicTest> overTls(@TempDir Path folder) throws Exception {
        SelfSigned certificate = SelfSigned.create(folder);
        return tests(new ScriptServer().builder().tls(certificate.chain(), certificate.key()), "wss");
    }

    private static Stream<DynamicTest> tests(WebSocketServer.Builder builder, String scheme) throws Exception {
        WebSocketServer server = builder.start();
        ScriptPage page = new ScriptPage(scheme + "://127.0.0.1:" + server.port());
        return page.tests().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> page.run(name)))
                .onClose(() -> close(page, server));
    }

    private static void close(ScriptPage page, WebSocketServer server) {
        try (server) {
            page.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
