package io.duplex.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;

class LegacyClientsIT {
    @Test
    void aClientOfTheNamedVersionAndOriginIsEchoed() throws Exception {
        try (DuplexProcess server = DuplexProcess.start(
                "serve", "--port", "0", "--legacy", "hixie-75", "--legacy-origin", "http://old.example")) {
            URI address = server.listening("/");
            try (Socket socket = new Socket(address.getHost(), address.getPort())) {
                socket.setSoTimeout(60_000);
                String request = "GET /echo HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: "
                        + address.getAuthority() + "\r\nOrigin: http://old.example\r\n\r\n\0hello\u00ff\u00ff";
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                socket.shutdownOutput();
                assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                        .startsWith("HTTP/1.1 101 Web Socket Protocol Handshake\r\n")
                        .endsWith("\r\n\r\n\0hello\u00ff");
            }
        }
    }
}
