package io.duplex.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What {@code duplex bench} measured.
 *
 * @param messages echoes
 * @param messageBytes the length of each
 * @param latency in nanoseconds
 * @param ownCpus how many CPUs this process kept busy
 * @param serverCpus how many the server did; {@code null} if nobody said which process it is
 * @param wrong echoes that were not what had been sent
 * @param lost connections that ended too early
 */
record BenchResult(
        long messages,
        double seconds,
        int messageBytes,
        Histogram latency,
        double ownCpus,
        @Nullable Double serverCpus,
        long wrong,
        long lost) {
    static final double NANOS_A_MICRO = 1e3;
    private static final double MICROS_A_SECOND = 1e6;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    /** Messages a second. */
    double rate() {
        return messages / seconds;
    }

    private double micros(double percentile) {
        return latency.getValueAtPercentile(percentile) / NANOS_A_MICRO;
    }

    private double maxMicros() {
        return latency.getMaxValue() / NANOS_A_MICRO;
    }

    private double serverMicrosPerMessage(double cpus) {
        return messages == 0 ? 0 : cpus * seconds * MICROS_A_SECOND / messages;
    }

    /** Tells it to people. */
    void print(PrintWriter out) {
        print(out, "messages   %,d in %.2f s%n", messages, seconds);
        print(out, "rate       %,.0f messages/s, %,.1f MB/s each way%n", rate(), rate() * messageBytes / 1e6);
        print(
                out,
                "latency    p50 %,.0f us, p90 %,.0f us, p99 %,.0f us, p99.9 %,.0f us, max %,.0f us%n",
                micros(50),
                micros(90),
                micros(99),
                micros(99.9),
                maxMicros());
        print(out, "CPU        %.2f on this side%n", ownCpus);
        Double cpus = serverCpus;
        if (cpus != null) {
            print(out, "           %.2f on the server's: %.3f us a message%n", cpus, serverMicrosPerMessage(cpus));
        }
        if (wrong + lost > 0) {
            print(out, "faults     %,d wrong echoes, %,d lost connections%n", wrong, lost);
        }
    }

    private static void print(PrintWriter out, String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
    }

    /** Tells it to programs: the fields of an object. */
    void writeTo(JsonGenerator json) throws IOException {
        json.writeNumberField("messages", messages);
        json.writeNumberField("seconds", seconds);
        json.writeNumberField("messagesPerSecond", rate());
        json.writeObjectFieldStart("latencyMicros");
        for (double percentile : PERCENTILES) {
            json.writeNumberField("p" + name(percentile), micros(percentile));
        }
        json.writeNumberField("max", maxMicros());
        json.writeEndObject();
        json.writeNumberField("ownCpus", ownCpus);
        Double cpus = serverCpus;
        if (cpus != null) {
            json.writeNumberField("serverCpus", cpus);
            json.writeNumberField("serverCpuMicrosPerMessage", serverMicrosPerMessage(cpus));
        }
        json.writeNumberField("wrongEchoes", wrong);
        json.writeNumberField("lostConnections", lost);
    }

    private static String name(double percentile) {
        return percentile % 1 == 0 ? String.valueOf((int) percentile) : String.valueOf(percentile);
    }
}
