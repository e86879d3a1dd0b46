package io.duplex.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            ""
        },
        footer = {
            "",
            "Exit status: 0 measured, 1 no connection, an echo that differs or a connection lost, 64 wrong usage."
        })
final class BenchCommand implements Callable<Integer> {
    private static final double NANOS_A_SECOND = 1e9;
    private static final double NANOS_A_MICRO = 1e3;
    private static final int PACED_WINDOW = 1024;

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

    @Option(names = "--compression", description = "Offer permessage-deflate, and compress every message")
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

    @Option(names = "--insecure", description = "Trust any certificate")
    private boolean insecure;

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
        Load load = new Load(message(), text);
        try (WebSocketClient client = client()) {
            List<Load.Connection> handlers = connect(client, load);
            Pacer pacer = rate > 0 ? new Pacer(handlers, rate) : null;
            if (pacer != null) {
                pacer.start();
            }
            wait("warm-up", load, warmup);
            load.measure();
            long from = System.nanoTime();
            wait("measuring", load, duration);
            double seconds = (System.nanoTime() - from) / NANOS_A_SECOND;
            long messages = load.received();
            Histogram latency = load.latency().getIntervalHistogram();
            load.stop();
            if (pacer != null) {
                pacer.stop();
            }
            report(new Result(messages, seconds, latency, load.wrong(), load.lost()));
        }
        return load.wrong() + load.lost() == 0 ? 0 : 1;
    }

    private ByteBuffer message() {
        ByteBuffer message = ByteBuffer.allocateDirect(size);
        byte[] words = "{\"id\":12345,\"name\":\"duplex\",\"tags\":[\"a\",\"b\"],\"value\":0.5} "
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < size; i++) {
            message.put(words[i % words.length]);
        }
        return message.flip();
    }

    private WebSocketClient client() {
        WebSocketClient.Builder builder = WebSocketClient.builder()
                .threads(threads)
                .limits(Limits.builder()
                        .maxMessageBytes(Math.max(size, 1 << 20))
                        .maxQueueBytes(Integer.MAX_VALUE)
                        .build())
                .compression(
                        compression
                                ? PermessageDeflate.builder().thresholdBytes(0).build()
                                : PermessageDeflate.DISABLED);
        return insecure ? builder.insecureTrustAll().build() : builder.build();
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

    /** Lets time pass, and tells what happens in it. */
    private void wait(String phase, Load load, double seconds) {
        long end = System.nanoTime() + (long) (seconds * NANOS_A_SECOND);
        long before = load.received();
        long last = System.nanoTime();
        while (last < end) {
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

    /** What was measured. */
    private record Result(long messages, double seconds, Histogram latency, long wrong, long lost) {
        double rate() {
            return messages / seconds;
        }

        double micros(double percentile) {
            return latency.getValueAtPercentile(percentile) / NANOS_A_MICRO;
        }
    }

    private void report(Result result) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(result));
        } else {
            out.printf(Locale.ROOT, "messages   %,d in %.2f s%n", result.messages(), result.seconds());
            out.printf(
                    Locale.ROOT,
                    "rate       %,.0f messages/s, %,.1f MB/s each way%n",
                    result.rate(),
                    result.rate() * size / 1e6);
            out.printf(
                    Locale.ROOT,
                    "latency    p50 %,.0f us, p90 %,.0f us, p99 %,.0f us, p99.9 %,.0f us, max %,.0f us%n",
                    result.micros(50),
                    result.micros(90),
                    result.micros(99),
                    result.micros(99.9),
                    result.micros(100));
            if (result.wrong() + result.lost() > 0) {
                out.printf(
                        Locale.ROOT,
                        "faults     %,d wrong echoes, %,d lost connections%n",
                        result.wrong(),
                        result.lost());
            }
        }
        out.flush();
        if (hdr != null) {
            try (PrintStream file = new PrintStream(hdr.toFile(), StandardCharsets.UTF_8)) {
                result.latency().outputPercentileDistribution(file, NANOS_A_MICRO);
            } catch (FileNotFoundException e) {
                throw new IOException("cannot write " + hdr + ": " + e.getMessage(), e);
            }
        }
    }

    private String toJson(Result result) throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
            generator.writeStartObject();
            generator.writeStringField("url", url);
            generator.writeNumberField("connections", connections);
            generator.writeNumberField("inFlight", inFlight);
            generator.writeNumberField("targetRate", rate);
            generator.writeNumberField("sizeBytes", size);
            generator.writeBooleanField("compression", compression);
            generator.writeNumberField("messages", result.messages());
            generator.writeNumberField("seconds", result.seconds());
            generator.writeNumberField("messagesPerSecond", result.rate());
            generator.writeObjectFieldStart("latencyMicros");
            for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
                String name = percentile == 100
                        ? "max"
                        : "p" + (percentile % 1 == 0 ? String.valueOf((int) percentile) : String.valueOf(percentile));
                generator.writeNumberField(name, result.micros(percentile));
            }
            generator.writeEndObject();
            generator.writeNumberField("wrongEchoes", result.wrong());
            generator.writeNumberField("lostConnections", result.lost());
            generator.writeEndObject();
        }
        return out.toString();
    }
}
