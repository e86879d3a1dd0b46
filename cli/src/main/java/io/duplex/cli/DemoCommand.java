package io.duplex.cli;

import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code duplex demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Serves a page to try WebSockets in the browser, and all that serve does.",
            "",
            "Prints the address of the page: chat, server push, close codes and an echo bench up to 16 MiB. /lab compares"
                    + " polling, streaming and WebSocket side by side.",
            ""
        },
        footer = {
            "",
            "Exit status: 1 could not listen, 64 wrong usage, 143 after SIGTERM, 130 after Ctrl+C. Both signals close"
                    + " every connection with 1001 first, over the time of --drain."
        })
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Option(
            names = "--max-message",
            paramLabel = "BYTES",
            defaultValue = "16m",
            converter = ByteCount.class,
            description = "Longest message to accept, in bytes, or with k or m; longer ones are answered with 1009."
                    + " Default: ${DEFAULT-VALUE}, the echo bench's longest; serve has 1m")
    private int maxMessageBytes;

    @Option(names = "--open", description = "Opens the page in the desktop's browser.")
    private boolean open;

    @Override
    public Integer call() throws InterruptedException, IOException {
        WebSocketServer.Builder builder = options.builder(maxMessageBytes);
        Endpoints.addTo(builder, options.routeOptions(), options.faults());
        DemoPage.addTo(builder);
        LabPage.addTo(builder, options.address());
        RunningServer server = RunningServer.start(builder, options);
        String page = (server.isSecure() ? "https" : "http") + "://"
                + (options.isWildcard() ? "127.0.0.1" : options.authorityHost()) + ":" + server.port() + "/";
        System.out.println("open " + page);
        System.out.println("for a second window open " + page + "?name=Grace");
        if (open) {
            open(page);
        }
        return server.await();
    }

    private static void open(String page) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        List<String> command;
        if (system.contains("windows")) {
            command = List.of("rundll32", "url.dll,FileProtocolHandler", page);
        } else {
            command = List.of(system.contains("mac") ? "open" : "xdg-open", page);
        }
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.err.println("duplex demo: cannot run " + command.get(0) + "; open the address by hand");
        }
    }
}
