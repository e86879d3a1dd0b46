package io.duplex.cli;

import io.duplex.server.WebSocketServer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code duplex serve}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Serves WebSockets for trying and testing clients.",
            "",
            "Prints one line when it is ready:",
            "  listening on ws://127.0.0.1:9001 (epoll, 2 threads)",
            "",
            "  /echo         sends each message back, text as text and binary as binary",
            "  /fanout       sends each message to every connection of this path, its sender too",
            "  /push         sends the time ten times a second: {\"time\":\"2026-11-21T08:00:00.123Z\",\"sequence\":17}",
            "  /chat/{room}  passes {\"type\":\"say\",\"name\":\"Ada\",\"text\":\"hi\"} on to everybody in the room",
            ""
        },
        footer = {
            "",
            "Exit status: 1 could not listen, 64 wrong usage, 143 after SIGTERM, 130 after Ctrl+C. Both signals close"
                    + " every connection with 1001 first, over the time of --drain."
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Option(
            names = "--max-message",
            paramLabel = "BYTES",
            defaultValue = "1m",
            converter = ByteCount.class,
            description = "Longest message to accept, in bytes, or with k or m; longer ones are answered with 1009."
                    + " Default: ${DEFAULT-VALUE}")
    private int maxMessageBytes;

    @Override
    public Integer call() throws InterruptedException {
        WebSocketServer.Builder builder = options.builder(maxMessageBytes);
        Endpoints.addTo(builder, options.routeOptions(), options.faults());
        return RunningServer.start(builder, options).await();
    }
}
