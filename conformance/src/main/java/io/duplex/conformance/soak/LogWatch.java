package io.duplex.conformance.soak;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Counts what a process logs as a warning or worse, and leaks of buffers by themselves. Thread-safe. */
final class LogWatch extends Handler {
    private final AtomicLong leaks = new AtomicLong();
    private final AtomicLong warnings = new AtomicLong();

    private LogWatch() {}

    /** Watches all logs of this process. */
    static LogWatch install() {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        LogWatch watch = new LogWatch();
        Logger.getLogger("").addHandler(watch);
        return watch;
    }

    /** Buffers that nobody released, as Netty's leak detector found. */
    long leaks() {
        return leaks.get();
    }

    /** All else that was logged as a warning or worse. */
    long warnings() {
        return warnings.get();
    }

    @Override
    public void publish(LogRecord line) {
        if (line.getLevel().intValue() < Level.WARNING.intValue()) {
            return;
        }
        boolean isLeak = String.valueOf(line.getMessage()).startsWith("LEAK");
        (isLeak ? leaks : warnings).incrementAndGet();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
