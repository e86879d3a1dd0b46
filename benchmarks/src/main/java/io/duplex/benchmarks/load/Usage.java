package io.duplex.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * CPU time used up to a moment, in nanoseconds. The system counts in steps of 10 ms or so: measure for a second at least.
 *
 * @param server by the server's process
 * @param generator by this one
 * @param machine by all; {@code null} if the system does not say
 */
record Usage(
        long nanos, long server, long generator, @Nullable Long machine) {
    /** Linux's unit in {@code /proc/stat}. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    static Usage now(long serverPid) {
        long server = ProcessHandle.of(serverPid).map(Usage::cpuNanos).orElse(0L);
        return new Usage(System.nanoTime(), server, cpuNanos(ProcessHandle.current()), machineNanos());
    }

    private static long cpuNanos(ProcessHandle process) {
        Optional<Duration> used = process.info().totalCpuDuration();
        return used.map(Duration::toNanos).orElse(0L);
    }

    private static @Nullable Long machineNanos() {
        try {
            String[] counts = Files.readString(Path.of("/proc/stat"))
                    .lines()
                    .findFirst()
                    .orElse("")
                    .trim()
                    .split(" +", -1);
            long ticks = 0;
            for (int i = 1; i <= 8; i++) {
                boolean idle = i == 4 || i == 5; // idle and waiting for I/O
                ticks += idle ? 0 : Long.parseLong(counts[i]);
            }
            return ticks * TICK_NANOS;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** Resident memory of a process; {@code null} if the system does not say. */
    static @Nullable Long rssBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(null);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }
}
