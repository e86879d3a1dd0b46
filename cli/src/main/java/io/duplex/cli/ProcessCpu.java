package io.duplex.cli;

import java.time.Duration;
import java.util.Optional;

/** What CPU time a process of this machine has used, of all its threads together. Immutable and thread-safe. */
final class ProcessCpu {
    private final ProcessHandle process;

    private ProcessCpu(ProcessHandle process) {
        this.process = process;
    }

    /** This process. */
    static ProcessCpu own() {
        return new ProcessCpu(ProcessHandle.current());
    }

    /** Another process; empty if there is none of that number, or what it used is not to be known. */
    static Optional<ProcessCpu> of(long pid) {
        return ProcessHandle.of(pid)
                .filter(process -> process.info().totalCpuDuration().isPresent())
                .map(ProcessCpu::new);
    }

    /** Nanoseconds so far, as exact as the system counts; 0 if the process has ended. */
    long nanos() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }
}
