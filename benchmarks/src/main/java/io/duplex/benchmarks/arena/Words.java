package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import java.util.Locale;

/** How cases and figures read on the page. */
final class Words {
    private Words() {}

    /** A case in a heading's words. */
    static String of(Case what) {
        String words = switch (what.work()) {
            case ECHO ->
                connections(what) + ", " + what.inFlight() + " in flight"
                        + (what.connections() > 1 ? " on each" : "") + ", " + size(what.bytes()) + " of "
                        + what.content().label();
            case FANOUT ->
                "fan-out to " + count(what.connections()) + ", " + size(what.bytes()) + ", " + what.inFlight()
                        + " published at a time";
            case HANDSHAKE ->
                "handshake and close, " + what.connections() + " at a time, "
                        + (what.cold() ? "right after the start" : "warm");
            case IDLE -> count(what.connections()) + " idle connections";
        };
        return words.replace("json", "JSON").replace("ascii", "ASCII text").replace("multilingual", "multilingual text")
                + (what.deflate() ? ", permessage-deflate" : "")
                + (what.tls() ? ", TLS" : "");
    }

    private static String connections(Case what) {
        return count(what.connections()) + (what.connections() == 1 ? " connection" : " connections");
    }

    private static String size(int bytes) {
        if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
            return (bytes >> 20) + " MiB";
        }
        return bytes >= 1024 && bytes % 1024 == 0 ? (bytes >> 10) + " KiB" : bytes + " B";
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Three significant digits. */
    static String figure(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** As in {@code 1.24M}. */
    static String rate(double perSecond) {
        if (perSecond >= 1e6) {
            return figure(perSecond / 1e6) + "M";
        }
        return perSecond >= 1e4 ? figure(perSecond / 1e3) + "k" : figure(perSecond);
    }

    static String ratio(double value) {
        return String.format(Locale.ROOT, value >= 9.95 ? "%,.0f" : "%.2f", value);
    }
}
