package io.duplex.cli;

import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code duplex echo-client}. */
@Command(
        name = "echo-client",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Connects to server after server and echoes what each sends.",
            "",
            "Reads one URL a line on standard input. For each it connects, sends each message back, text as text and binary"
                    + " as binary, waits for the end, prints one line and takes the next. Whatever a server does, it goes"
                    + " on. A line has four columns with tabs between them:",
            "  URL, outcome, code, explanation",
            "",
            "  closed  the closing handshake was completed; the close code and reason that arrived",
            "  failed  the connection ended otherwise; the close code sent because of a fault of the server's, else 1006;"
                    + " and what happened",
            "  refused no connection came about; the HTTP status, 0 without one; and why",
            ""
        },
        footer = {
            "",
            "Example:",
            "  echo ws://127.0.0.1:9001/push | duplex echo-client",
            "",
            "Exit status: 0 at the end of the input, whatever became of the connections; 64 wrong usage."
        })
final class EchoClientCommand implements Callable<Integer> {
    @Mixin
    private final ClientOptions options = new ClientOptions();

    @Option(
            names = "--connect-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            converter = Seconds.class,
            description =
                    "Time for all that comes before the connection is open; 0 for any time. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Duration connectTimeout;

    @Option(
            names = "--max-message",
            paramLabel = "BYTES",
            defaultValue = "1m",
            converter = ByteCount.class,
            description = "Longest message to accept, in bytes, or with k or m; longer ones are answered with 1009."
                    + " Default: ${DEFAULT-VALUE}")
    private int maxMessageBytes;

    @Override
    public Integer call() throws IOException {
        try (WebSocketClient client = options.builder()
                .limits(Limits.builder().maxMessageBytes(maxMessageBytes).build())
                .timeouts(Timeouts.builder().handshake(connectTimeout).build())
                .build()) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String url = line.strip();
                if (!url.isEmpty()) {
                    System.out.println(Faults.printable(url) + '\t' + echo(client, url));
                }
            }
        }
        return 0;
    }

    private static String echo(WebSocketClient client, String url) {
        Echo echo = new Echo();
        try {
            client.connect(url, echo);
        } catch (HandshakeException e) {
            return columns("refused", e.status(), Faults.describe(e));
        } catch (RuntimeException e) {
            return columns("refused", HandshakeException.NO_STATUS, Faults.describe(e));
        }
        CloseOutcome outcome = echo.closed.join();
        CloseStatus status = Outcome.decisive(outcome);
        return Outcome.isOrdinary(outcome)
                ? columns("closed", status.code(), status.reason())
                : columns("failed", status.code(), outcome.detail());
    }

    private static String columns(String outcome, int code, String explanation) {
        return outcome + '\t' + code + '\t' + Faults.printable(explanation);
    }

    /** Sends each message back. */
    private static final class Echo implements WebSocketHandler {
        final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.sendText(utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            closed.complete(outcome);
        }
    }
}
