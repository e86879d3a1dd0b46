package io.duplex.benchmarks.load;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One kind of work for a server. Its id says it all, and any id that follows the pattern can be measured:
 *
 * <ul>
 *   <li>{@code echo-50x16-1k-ascii[-deflate][-tls]}: connections, messages in flight on each, bytes, {@link Content}
 *   <li>{@code fanout-1000x4-128}: subscribers, messages published at a time, bytes (binary)
 *   <li>{@code handshake-16[-cold][-tls]}: connections opened and closed at a time; cold is right after the server's start
 *   <li>{@code idle-10000[-tls]}: connections that have echoed once and then wait
 * </ul>
 *
 * @param connections how many are open
 * @param inFlight messages under way on each; in a fan-out, in all
 * @param bytes length of a message
 */
public record Case(
        Work work,
        int connections,
        int inFlight,
        int bytes,
        Content content,
        boolean deflate,
        boolean cold,
        boolean tls) {
    /** What is done. */
    public enum Work {
        ECHO,
        FANOUT,
        HANDSHAKE,
        IDLE;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A publication begins with the time it left at. */
    static final int MIN_FANOUT_BYTES = 8;

    private static final int IDLE_ECHO_BYTES = 32;
    private static final int MAX_BYTES = 16 << 20;

    /** Checks the ranges. */
    public Case {
        require(connections > 0 && connections <= 50_000, "connections", connections);
        require(inFlight > 0 && inFlight <= 10_000, "in flight", inFlight);
        require(bytes >= (work == Work.FANOUT ? MIN_FANOUT_BYTES : 0) && bytes <= MAX_BYTES, "bytes", bytes);
    }

    private static void require(boolean holds, String what, int value) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + ", which is out of range");
        }
    }

    /**
     * The case of that id.
     *
     * @throws IllegalArgumentException if it is none
     */
    @JsonCreator
    public static Case parse(String id) {
        List<String> words = new ArrayList<>(Arrays.asList(id.split("-", -1)));
        boolean tls = words.remove("tls");
        boolean cold = words.remove("cold");
        boolean deflate = words.remove("deflate");
        try {
            String[] counts = words.get(1).split("x", 2);
            int connections = Integer.parseInt(counts[0]);
            int inFlight = counts.length == 2 ? Integer.parseInt(counts[1]) : 1;
            Case parsed = switch (words.get(0)) {
                case "echo" ->
                    new Case(
                            Work.ECHO,
                            connections,
                            inFlight,
                            bytes(words.get(2)),
                            Content.valueOf(words.get(3).toUpperCase(Locale.ROOT)),
                            deflate,
                            false,
                            tls);
                case "fanout" ->
                    new Case(
                            Work.FANOUT, connections, inFlight, bytes(words.get(2)), Content.BINARY, false, false, tls);
                case "handshake" -> bare(Work.HANDSHAKE, connections, cold, tls);
                case "idle" -> bare(Work.IDLE, connections, false, tls);
                default -> throw new IllegalArgumentException("no work '" + words.get(0) + "'");
            };
            if (!parsed.id().equals(id)) {
                throw new IllegalArgumentException("did you mean '" + parsed.id() + "'?");
            }
            return parsed;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("'" + id + "' is no case: " + e.getMessage(), e);
        }
    }

    private static Case bare(Work work, int connections, boolean cold, boolean tls) {
        return new Case(work, connections, 1, IDLE_ECHO_BYTES, Content.BINARY, false, cold, tls);
    }

    private static int bytes(String text) {
        if (text.endsWith("k")) {
            return Integer.parseInt(text.substring(0, text.length() - 1)) << 10;
        }
        if (text.endsWith("m")) {
            return Integer.parseInt(text.substring(0, text.length() - 1)) << 20;
        }
        return Integer.parseInt(text);
    }

    /** The id, which {@link #parse} reads. */
    @JsonValue
    public String id() {
        String id = work.label() + "-" + connections;
        String size = bytes > 0 && bytes % (1 << 20) == 0
                ? (bytes >> 20) + "m"
                : bytes > 0 && bytes % 1024 == 0 ? (bytes >> 10) + "k" : String.valueOf(bytes);
        switch (work) {
            case ECHO -> id += "x" + inFlight + "-" + size + "-" + content.label();
            case FANOUT -> id += "x" + inFlight + "-" + size;
            case HANDSHAKE, IDLE -> {}
        }
        return id + (deflate ? "-deflate" : "") + (cold ? "-cold" : "") + (tls ? "-tls" : "");
    }

    @Override
    public String toString() {
        return id();
    }
}
