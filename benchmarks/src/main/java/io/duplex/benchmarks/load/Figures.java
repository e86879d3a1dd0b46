package io.duplex.benchmarks.load;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What came of a {@link Job}: one line of JSON on the generator's standard output.
 *
 * @param failure why there are no figures; {@code null} if there are
 * @param seconds measured time
 * @param messages echoes, deliveries or handshakes in that time; connections of {@link Case.Work#IDLE}
 * @param cpuMicros CPU time of the server's process, user and system, per message, in microseconds
 * @param p50Micros median latency in microseconds
 * @param serverCpu CPUs that the server kept busy
 * @param generatorCpu CPUs that the generator kept busy
 * @param foreignCpu CPUs that everybody else kept busy; {@code null} if the system does not say
 * @param rssBytes the server's resident memory at the end; {@code null} if the system does not say
 * @param rssPerConnection by how much it grew for each idle connection; {@code null} in other work
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figures(
        @Nullable String failure,
        double seconds,
        long messages,
        double cpuMicros,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double maxMicros,
        double serverCpu,
        double generatorCpu,
        @Nullable Double foreignCpu,
        @Nullable Long rssBytes,
        @Nullable Long rssPerConnection) {

    static Figures failed(String failure) {
        return new Figures(failure, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, null);
    }

    /** Messages a second. */
    public double rate() {
        return messages / seconds;
    }
}
