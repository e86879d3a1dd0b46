package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.cli.lab.Costs;
import io.duplex.cli.lab.Experiment;
import io.duplex.cli.lab.Plan;
import io.duplex.cli.lab.Way;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the lab's page asks for: an experiment, whose clients are in the page, and twice a second what it has cost. The
 * experiment ends with the connection.
 */
final class LabControl implements WebSocketHandler {
    private static final int MAX_EXPERIMENTS = 4;
    private static final Semaphore EXPERIMENTS = new Semaphore(MAX_EXPERIMENTS);
    private static final long REPORT_MILLIS = 500;
    private static final double MILLIS = 1000;

    /** Starting and stopping servers takes its time, and may not be done on an event loop. */
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "duplex-lab-control");
        thread.setDaemon(true);
        return thread;
    });

    private final InetAddress host;
    private @Nullable Experiment experiment;
    private boolean begun;

    LabControl(InetAddress host) {
        this.host = host;
    }

    @Override
    public void onText(WebSocket socket, String text) {
        Map<String, String> command;
        try {
            command = Json.readStrings(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            socket.close(CloseCode.UNSUPPORTED_DATA, "commands are JSON objects");
            return;
        }
        switch (command.getOrDefault("command", "")) {
            case "time" -> send(socket, "time", command.getOrDefault("sent", ""));
            case "start" -> worker.execute(() -> start(socket, command));
            case "begin" -> worker.execute(() -> begin(socket));
            default -> socket.close(CloseCode.UNSUPPORTED_DATA, "command is not time, start or begin");
        }
    }

    /** For the difference of the clocks. */
    private static void send(WebSocket socket, String kind, String sent) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        socket.sendText(ByteBuffer.wrap(Json.write(json -> {
            json.writeStringField("kind", kind);
            json.writeStringField("sent", sent);
            json.writeNumberField("micros", micros);
        })));
    }

    private void start(WebSocket socket, Map<String, String> command) {
        if (experiment != null) {
            return;
        }
        Plan plan;
        try {
            plan = plan(command);
        } catch (IllegalArgumentException wrong) {
            fail(socket, String.valueOf(wrong.getMessage()));
            return;
        }
        if (!EXPERIMENTS.tryAcquire()) {
            fail(socket, MAX_EXPERIMENTS + " experiments run already; try again when one has ended");
            return;
        }
        String origin = socket.handshake().origin();
        Experiment started;
        try {
            started = new Experiment(
                    EnumSet.allOf(Way.class), plan, host, origin == null ? new String[0] : new String[] {origin});
        } catch (RuntimeException fault) {
            EXPERIMENTS.release();
            fail(socket, String.valueOf(fault.getMessage()));
            return;
        }
        experiment = started;
        socket.sendText(ByteBuffer.wrap(Json.write(json -> {
            json.writeStringField("kind", "started");
            json.writeStringField("path", started.path());
            json.writeObjectFieldStart("ports");
            for (Way way : Way.values()) {
                json.writeNumberField(way.id(), started.port(way));
            }
            json.writeEndObject();
        })));
    }

    private static Plan plan(Map<String, String> command) {
        return new Plan(
                (int) number(command, "clients"),
                number(command, "rate"),
                (int) number(command, "burst"),
                (int) number(command, "size"),
                Duration.ofMillis((long) number(command, "pollMillis")),
                new Plan.Network(
                        Duration.ofMillis((long) number(command, "rttMillis")), number(command, "lossPercent") / 100));
    }

    private static double number(Map<String, String> command, String name) {
        String text = command.get(name);
        if (text == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return Double.parseDouble(text);
    }

    private static void fail(WebSocket socket, String why) {
        socket.sendText(ByteBuffer.wrap(Json.write(json -> {
            json.writeStringField("kind", "failed");
            json.writeStringField("why", why);
        })));
    }

    private void begin(WebSocket socket) {
        Experiment running = experiment;
        if (running != null && !begun) {
            begun = true;
            running.begin();
            worker.scheduleAtFixedRate(
                    () -> report(socket, running), REPORT_MILLIS, REPORT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void report(WebSocket socket, Experiment running) {
        Map<Way, Costs> all = running.costs();
        socket.sendText(ByteBuffer.wrap(Json.write(json -> {
            json.writeStringField("kind", "costs");
            json.writeObjectFieldStart("ways");
            for (Map.Entry<Way, Costs> entry : all.entrySet()) {
                Costs costs = entry.getValue();
                json.writeObjectFieldStart(entry.getKey().id());
                json.writeNumberField("published", costs.published());
                json.writeNumberField("requests", costs.requests());
                json.writeNumberField("empty", costs.emptyAnswers());
                json.writeNumberField("up", costs.bytesUp());
                json.writeNumberField("down", costs.bytesDown());
                json.writeNumberField("connections", costs.openConnections());
                json.writeNumberField("cpuMicros", costs.cpuNanos() / MILLIS);
                json.writeEndObject();
            }
            json.writeEndObject();
        })));
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        worker.execute(() -> {
            Experiment running = experiment;
            if (running != null) {
                experiment = null;
                running.close();
                EXPERIMENTS.release();
            }
            worker.shutdownNow();
        });
    }
}
