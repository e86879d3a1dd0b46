package io.duplex.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.SharedMessage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code duplex bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Measures an echo server: messages a second and their latency.",
            "",
            "Each connection keeps the given number of messages under way; with --rate, messages leave at that rate,"
                    + " and latency counts from when a message was to leave, so that a stall shows in all it delayed.",
            "Progress goes to standard error, the result to standard output. Messages are JSON, cut to the size.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  duplex bench ws://127.0.0.1:9001/echo                        50 connections, 128 bytes, one at a time",
            "  duplex bench --in-flight 16 --size 1k --text --pid PID URL",
            "  duplex bench --rate 20000 --duration 60 --hdr latency.hgrm URL",
            "",
            "Exit status: 0 measured, 1 no connection, an echo that differs or a connection lost, 64 wrong usage."
        })
final class BenchCommand implements Callable<Integer> {
    private static final double NANOS_A_SECOND = 1e9;
    private static final int PACED_WINDOW = 1024;
    private static final String[] SYMBOLS = {"BTC-USD", "ETH-EUR", "EURUSD", "AAPL", "MSFT", "ESZ6"};
    /** What browsers offer, and zlib's own level: that a client compresses like this costs a server as much as they do. */
    private static final PermessageDeflate LIKE_BROWSERS = PermessageDeflate.builder()
            .level(6)
            .thresholdBytes(0)
            .serverNoContextTakeover(false)
            .build();
    /** From this part of the wanted rate on, the rate was kept. */
    private static final double KEPT_UP = 0.99;
    /** From this part of its CPUs on, this side counts as what held the server up. */
    private static final double BUSY = 0.95;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "An echo endpoint, such as ws://127.0.0.1:9001/echo")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String url;

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "50",
            description = "Connections. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "1",
            description = "Messages under way on each connection. Default: ${DEFAULT-VALUE}")
    private int inFlight;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Messages a second over all connections; 0: as fast as the echoes come. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "128",
            converter = ByteCount.class,
            description = "Length of a message, in bytes, or with k or m. Default: ${DEFAULT-VALUE}")
    private int size;

    @Option(names = "--text", description = "Send ASCII text. Default: binary")
    private boolean text;

    @Option(
            names = "--compression",
            description =
                    "Offer permessage-deflate as browsers do, and compress every message, each by itself, with zlib at"
                            + " its default level. Default: off")
    private boolean compression;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to measure. Default: ${DEFAULT-VALUE}")
    private double duration;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "How long to run before that. Default: ${DEFAULT-VALUE}")
    private double warmup;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops of this side. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description = "Process of the server, on this machine: tells what CPU time it uses for a message")
    private @Nullable Long pid;

    @Mixin
    private final ClientOptions options = new ClientOptions();

    @Option(names = "--json", description = "Print one JSON object on standard output")
    private boolean json;

    @Option(names = "--hdr", paramLabel = "FILE", description = "Write the percentiles of latency as HdrHistogram does")
    private @Nullable Path hdr;

    @Override
    public Integer call() throws IOException {
        if (connections < 1 || inFlight < 1 || threads < 1 || duration <= 0 || warmup < 0 || rate < 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--connections, --in-flight, --threads and --duration must be positive, --warmup and --rate not negative");
        }
        ProcessCpu server = server();
        Load load = new Load(message());
        try (WebSocketClient client = client()) {
            List<Load.Connection> handlers = connect(client, load);
            Pacer pacer = rate > 0 ? new Pacer(handlers, rate) : null;
            if (pacer != null) {
                pacer.start();
            }
            wait("warm-up", load, warmup);
            BenchResult result = measure(load, server);
            load.stop();
            if (pacer != null) {
                pacer.stop();
            }
            report(result);
        }
        return load.wrong() + load.lost() == 0 ? 0 : 1;
    }

    private @Nullable ProcessCpu server() {
        Long process = pid;
        if (process == null) {
            return null;
        }
        return ProcessCpu.of(process)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--pid: there is no process " + process + " whose CPU time can be read"));
    }

    private BenchResult measure(Load load, @Nullable ProcessCpu server) {
        ProcessCpu own = ProcessCpu.own();
        load.latency();
        long received = load.received();
        long ownNanos = own.nanos();
        long serverNanos = server == null ? 0 : server.nanos();
        long from = System.nanoTime();
        wait("measuring", load, duration);
        double nanos = System.nanoTime() - from;
        return new BenchResult(
                load.received() - received,
                nanos / NANOS_A_SECOND,
                size,
                load.latency(),
                (own.nanos() - ownNanos) / nanos,
                server == null ? null : (server.nanos() - serverNanos) / nanos,
                load.wrong(),
                load.lost());
    }

    /** JSON that compresses as such things do: words again and again, numbers never. */
    private SharedMessage message() {
        Random random = new Random(size);
        StringBuilder json = new StringBuilder(size + 128).append('[');
        while (json.length() < size) {
            json.append(String.format(
                    Locale.ROOT,
                    "{\"id\":%d,\"type\":\"trade\",\"sym\":\"%s\",\"px\":%d.%02d,\"qty\":%d,\"side\":\"%s\",\"n\":0},",
                    random.nextInt(100_000_000),
                    SYMBOLS[random.nextInt(SYMBOLS.length)],
                    random.nextInt(90_000),
                    random.nextInt(100),
                    random.nextInt(1000),
                    random.nextBoolean() ? "buy" : "sell"));
        }
        return new SharedMessage(text, json.substring(0, size).getBytes(StandardCharsets.US_ASCII));
    }

    private WebSocketClient client() {
        return options.builder()
                .threads(threads)
                .limits(Limits.builder()
                        .maxMessageBytes(Math.max(size, 1 << 20))
                        .maxQueueBytes(Integer.MAX_VALUE)
                        .maxQueueMessages(Integer.MAX_VALUE)
                        .build())
                .compression(compression ? LIKE_BROWSERS : PermessageDeflate.DISABLED)
                .build();
    }

    private List<Load.Connection> connect(WebSocketClient client, Load load) {
        List<Load.Connection> handlers = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Load.Connection handler = load.new Connection(rate > 0 ? PACED_WINDOW : inFlight, rate > 0);
            sockets.add(client.connect(url, handler));
            handlers.add(handler);
        }
        if (compression && !sockets.get(0).isCompressed()) {
            complain("the server did not accept permessage-deflate: messages go plain");
        }
        handlers.forEach(Load.Connection::begin);
        return handlers;
    }

    /** Lets time pass, as long as there is a connection left, and tells what happens in it. */
    private void wait(String phase, Load load, double seconds) {
        long end = System.nanoTime() + (long) (seconds * NANOS_A_SECOND);
        long before = load.received();
        long last = System.nanoTime();
        while (last < end && load.lost() < connections) {
            LockSupport.parkNanos(Math.min(end - last, (long) NANOS_A_SECOND));
            long now = System.nanoTime();
            if (now - last >= NANOS_A_SECOND / 2) {
                long received = load.received();
                complain(String.format(
                        Locale.ROOT,
                        "%s: %,.0f messages/s",
                        phase,
                        (received - before) * NANOS_A_SECOND / (now - last)));
                before = received;
                last = now;
            } else if (now >= end) {
                last = now;
            }
        }
    }

    private void complain(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void report(BenchResult result) throws IOException {
        if (rate > 0 && result.rate() < KEPT_UP * rate) {
            complain(String.format(
                    Locale.ROOT,
                    "the server did not keep up: %,.0f messages/s of %,.0f; latency lacks those without an answer",
                    result.rate(),
                    rate));
        } else if (result.ownCpus() > BUSY * threads) {
            complain("this side was busy nearly all the time: the server may be faster than this says");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(result));
        } else {
            result.print(out);
        }
        out.flush();
        if (hdr != null) {
            try (PrintStream file = new PrintStream(hdr.toFile(), StandardCharsets.UTF_8)) {
                result.latency().outputPercentileDistribution(file, BenchResult.NANOS_A_MICRO);
            } catch (FileNotFoundException e) {
                throw new IOException("cannot write " + hdr + ": " + e.getMessage(), e);
            }
        }
    }

    private String toJson(BenchResult result) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
            generator.writeStartObject();
            generator.writeStringField("url", url);
            generator.writeNumberField("connections", connections);
            generator.writeNumberField("inFlight", inFlight);
            generator.writeNumberField("targetRate", rate);
            generator.writeNumberField("sizeBytes", size);
            generator.writeBooleanField("text", text);
            generator.writeBooleanField("compression", compression);
            result.writeTo(generator);
            generator.writeEndObject();
        }
        return out.toString();
    }
}
