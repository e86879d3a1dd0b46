package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.ConnectRequest;
import io.duplex.client.WebSocketClient;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code duplex connect}. */
@Command(
        name = "connect",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Connects to a WebSocket server: lines in, messages out.",
            "",
            "Each line of standard input is sent as a text message, each message that arrives is printed as a line:"
                    + " text as it is, binary in hexadecimal behind 0x. Standard error tells of the connection.",
            "",
            "On a terminal, text is shown without control characters other than line feeds and tabs: they could command it."
                    + " What goes to a file or a pipe is as it came.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  duplex connect ws://127.0.0.1:9001/echo",
            "  echo hello | duplex connect wss://chat.example/room --protocol chat.v2 --header 'Authorization: Bearer x'",
            "",
            "Exit status: 0 closed cleanly, by either side; 1 ended otherwise; 2 the handshake failed; 64 wrong usage."
        })
final class ConnectCommand implements Callable<Integer> {
    private static final int NOT_CLEAN = 1;
    private static final int HANDSHAKE_FAILED = 2;
    private static final long MAX_BACKLOG_BYTES = 256 << 10;
    private static final long LOOK_AGAIN_MILLIS = 5;
    private static final long FAREWELL_MILLIS = 1000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "ws://host[:port]/path[?query], or the same with wss.")
    @SuppressWarnings("NullAway.Init")
    private String url;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            description = "Offers this subprotocol. Can be repeated, the preferred one first. Default: none")
    private List<String> protocols = List.of();

    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description = "Sends this Origin, as a browser does. Default: none")
    private @Nullable String origin;

    @Mixin
    private final ClientOptions options = new ClientOptions();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "2",
            converter = Seconds.class,
            description = "Time for answers after the end of the input, before the connection is closed with 1000."
                    + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration wait;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final boolean onTerminal = Terminal.isOutput();

    private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try (WebSocketClient client = options.builder().build()) {
            WebSocket socket;
            try {
                socket = request(client).connect(new Printer());
            } catch (HandshakeException e) {
                tell("handshake failed: " + Faults.describe(e));
                return HANDSHAKE_FAILED;
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(socket), "duplex-shutdown"));
            Thread reader = new Thread(() -> sendLines(socket), "duplex-input");
            reader.setDaemon(true); // it may wait for a line when the connection has ended
            reader.start();
            CloseOutcome outcome = closed.get();
            tell(describe(outcome));
            return Outcome.isOrdinary(outcome) ? 0 : NOT_CLEAN;
        }
    }

    private ConnectRequest request(WebSocketClient client) {
        ConnectRequest request = client.request(url).subprotocols(protocols.toArray(new String[0]));
        return origin == null ? request : request.origin(origin);
    }

    /** From Ctrl+C or SIGTERM on the peer has a moment to answer our Close. */
    private void leave(WebSocket socket) {
        socket.close(CloseCode.GOING_AWAY, "");
        await(FAREWELL_MILLIS);
    }

    private void sendLines(WebSocket socket) {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && !closed.isDone(); line = lines.readLine()) {
                socket.send(line);
                awaitBacklog(socket, MAX_BACKLOG_BYTES);
            }
            awaitBacklog(socket, 0);
            await(wait.toMillis());
            socket.close();
        } catch (IOException e) {
            tell("cannot read standard input: " + e.getMessage());
            socket.close();
        }
    }

    /** Slows the input down to what the peer takes. */
    private void awaitBacklog(WebSocket socket, long bytes) {
        while (socket.bufferedAmount() > bytes && !closed.isDone()) {
            await(LOOK_AGAIN_MILLIS);
        }
    }

    /** Waits for the end of the connection, but not longer than so many milliseconds. */
    private void await(long millis) {
        try {
            closed.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // it goes on
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String describe(CloseOutcome outcome) {
        String how = Outcome.isOrdinary(outcome) ? "" : ", not cleanly: " + outcome.detail();
        return Faults.printable("closed " + Outcome.decisive(outcome) + how);
    }

    private void tell(String what) {
        System.err.println(spec.qualifiedName() + ": " + what);
    }

    /** Prints what arrives. A reader of standard output that is slow slows the server down, one that is gone ends it all. */
    private final class Printer implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            String protocol = socket.subprotocol();
            tell("connected" + (protocol == null ? "" : ", subprotocol " + protocol));
        }

        @Override
        public void onText(WebSocket socket, String text) {
            print(socket, onTerminal ? Terminal.showable(text) : text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            print(socket, "0x" + HexFormat.of().formatHex(bytes));
        }

        private void print(WebSocket socket, String message) {
            out.println(message);
            if (out.checkError()) {
                socket.close();
            }
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            closed.complete(outcome);
        }
    }
}
