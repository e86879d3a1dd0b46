package io.duplex.cli;

import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The log of the command: warnings and worse, a line each, on standard error. */
final class QuietLog extends Formatter {
    private QuietLog() {}

    /** Makes it the log, unless the user configured one. */
    static void install() {
        if (System.getProperty("java.util.logging.config.file") != null
                || System.getProperty("java.util.logging.config.class") != null) {
            return;
        }
        Logger root = Logger.getLogger("");
        root.setLevel(Level.WARNING);
        for (Handler handler : root.getHandlers()) {
            handler.setFormatter(new QuietLog());
        }
    }

    @Override
    public String format(LogRecord event) {
        StringBuilder line = new StringBuilder(128)
                .append(event.getInstant().truncatedTo(ChronoUnit.MILLIS))
                .append(' ')
                .append(event.getLevel().getName())
                .append(' ')
                .append(oneLine(formatMessage(event)));
        Throwable fault = event.getThrown();
        if (fault != null) {
            line.append(": ").append(oneLine(fault.toString())).append(origin(fault));
        }
        return line.append(System.lineSeparator()).toString();
    }

    /** Line breaks in a message could pass for lines of the log. */
    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).replaceAll("\\R", " ");
    }

    private static String origin(Throwable fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        return trace.length == 0 ? "" : " at " + trace[0];
    }
}
