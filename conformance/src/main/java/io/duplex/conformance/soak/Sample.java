package io.duplex.conformance.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process holds at one moment.
 *
 * @param heapBytes live objects: taken after a full collection
 * @param directBytes direct buffers, of the JDK's and of Netty's making
 * @param residentBytes all memory that the operating system has given it
 * @param handles open files and sockets
 * @param threads platform threads
 * @param connections sockets that its server has; 0 if it has no server
 * @param leaks see {@link LogWatch#leaks()}
 * @param warnings see {@link LogWatch#warnings()}
 */
record Sample(
        long heapBytes,
        long directBytes,
        long residentBytes,
        long handles,
        long threads,
        long connections,
        long leaks,
        long warnings) {
    private static final int FIELDS = 8;

    /** Looks at this process. */
    @SuppressWarnings("DoNotCall") // what is live is known after a collection only
    static Sample take(int connections, LogWatch log) throws IOException {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long handles = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
        return new Sample(
                runtime.totalMemory() - runtime.freeMemory(),
                measureDirect(),
                measureResident(),
                handles,
                ManagementFactory.getThreadMXBean().getThreadCount(),
                connections,
                log.leaks(),
                log.warnings());
    }

    private static long measureDirect() {
        long bytes = Math.max(0, PlatformDependent.usedDirectMemory());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                bytes += pool.getMemoryUsed();
            }
        }
        return bytes;
    }

    private static long measureResident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return 0;
    }

    /** As {@link #parse} reads it. */
    String toLine() {
        return heapBytes + " " + directBytes + " " + residentBytes + " " + handles + " " + threads + " " + connections
                + " " + leaks + " " + warnings;
    }

    /** Reads what {@link #toLine} has written in another process. */
    static Sample parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != FIELDS) {
            throw new IllegalArgumentException("'" + line + "' is no sample");
        }
        long[] values = new long[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            values[i] = Long.parseLong(words[i]);
        }
        return new Sample(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
    }
}
