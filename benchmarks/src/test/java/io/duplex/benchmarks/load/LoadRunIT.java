package io.duplex.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The generator against servers that are wrong: no fault may pass for a figure. */
class LoadRunIT {
    private static final String ACCEPTED = """
            HTTP/1.1 101 Switching Protocols
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

            """;

    /** The generator sends one text message of 4 bytes; its first payload cannot begin with a zero byte. */
    @ParameterizedTest
    @CsvSource({
        "8104 00000000, an echo is not what was sent",
        "8103 000000, an echo is not what was sent",
        "8204 00000000, an echo is not what was sent",
        "8200, opcode 2 came back",
        "8100, 0 bytes came back of 4",
        "8184 00000000, a server's frame is masked",
        "8004 00000000, continuation of nothing",
        "0100 8100, message inside a message",
        "c100, RSV1 is set",
        "8802 03ea, the server closes with 1002",
    })
    void aWrongAnswerIsAFailure(String hex, String failure) throws IOException {
        assertThat(against(ACCEPTED, hex).failure()).isEqualTo(failure);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 OK, refused: HTTP/1.1 200 OK",
        "HTTP/1.1 101 Switching Protocols, refused: HTTP/1.1 101 Switching Protocols",
    })
    void anotherResponseThanAnAcceptedHandshakeIsAFailure(String status, String failure) throws IOException {
        assertThat(against(status + "\n\n", "").failure()).isEqualTo(failure);
    }

    private static Figures against(String response, String hex) throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answer(listening, response, hex));
            server.start();
            Job job = new Job(
                    Case.parse("echo-1x1-4-ascii"),
                    listening.getLocalPort(),
                    ProcessHandle.current().pid(),
                    "/echo",
                    0,
                    10);
            try (LoadRun run = new LoadRun(job)) {
                return run.run();
            }
        }
    }

    /** Answers the handshake and the first message, then reads to the end. */
    private static void answer(ServerSocket listening, String response, String hex) {
        try (Socket socket = listening.accept()) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            out.write(response.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            in.read();
            out.write(HexFormat.of().parseHex(hex.replace(" ", "")));
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // the generator has seen enough
        }
    }
}
