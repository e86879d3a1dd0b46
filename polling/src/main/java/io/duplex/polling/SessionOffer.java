package io.duplex.polling;

import io.duplex.polling.session.Packet;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of a session that it has opened. Immutable and thread-safe.
 *
 * @param session the session's id
 * @param subprotocol what was selected; {@code null} if nothing was
 * @param vias the carriers that the server offers
 * @param hold how long a long poll is held
 * @param expiry how long the server keeps the session without a request
 * @param ackBytes how much may come before it is acknowledged
 * @param maxBlockBytes the longest block that the server takes
 * @param maxMessageBytes the longest message that the server takes
 */
record SessionOffer(
        String session,
        @Nullable String subprotocol,
        Set<Via> vias,
        Duration hold,
        Duration expiry,
        int ackBytes,
        int maxBlockBytes,
        int maxMessageBytes) {
    /** No server decides that its client waits longer for it. */
    static final long MAX_MILLIS = Duration.ofMinutes(10).toMillis();

    private static final int MAX_ID_CHARS = 128;
    private static final int LEAST_BLOCK_BYTES = 64;

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if it is none
     */
    static SessionOffer parse(String json) {
        Map<String, @Nullable Object> members = JsonReader.parse(json);
        int blockBytes = (int) number(members, "maxBlockBytes", LEAST_BLOCK_BYTES, Integer.MAX_VALUE);
        int roomBytes = blockBytes - Block.HEADER_BYTES - Packet.HEADER_BYTES;
        return new SessionOffer(
                id(members.get("session")),
                subprotocol(members.get("subprotocol")),
                vias(members.get("via")),
                Duration.ofMillis(number(members, "holdMillis", 1, MAX_MILLIS)),
                Duration.ofMillis(number(members, "expiryMillis", 1, MAX_MILLIS)),
                (int) number(members, "ackBytes", 1, Integer.MAX_VALUE),
                blockBytes,
                (int) number(members, "maxMessageBytes", 1, roomBytes));
    }

    /** It stands in fields and among subprotocols: letters, digits, {@code -} and {@code _}. */
    private static String id(@Nullable Object value) {
        if (value instanceof String id
                && !id.isEmpty()
                && id.length() <= MAX_ID_CHARS
                && id.chars().allMatch(SessionOffer::isBase64Url)) {
            return id;
        }
        throw new IllegalArgumentException("session is no id");
    }

    private static boolean isBase64Url(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    private static @Nullable String subprotocol(@Nullable Object value) {
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new IllegalArgumentException("subprotocol is neither a string nor null");
    }

    /** Those that are known here: there may be more some day. */
    private static Set<Via> vias(@Nullable Object value) {
        if (!(value instanceof List<?> tokens)) {
            throw new IllegalArgumentException("via is no list");
        }
        Set<Via> known = EnumSet.noneOf(Via.class);
        for (Object token : tokens) {
            Via via = token instanceof String name ? Via.of(name) : null;
            if (via != null) {
                known.add(via);
            }
        }
        return known;
    }

    /** At most {@code most}, whatever the server says. */
    private static long number(Map<String, @Nullable Object> members, String name, long least, long most) {
        if (members.get(name) instanceof Long number && number >= least) {
            return Math.min(number, most);
        }
        throw new IllegalArgumentException(name + " is no number from " + least + " on");
    }
}
