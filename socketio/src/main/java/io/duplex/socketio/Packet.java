package io.duplex.socketio;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One packet of Socket.IO, with its attachments in place.
 *
 * @param namespace begins with a slash
 * @param id of the acknowledgement that is asked for or given; -1 for none
 * @param data {@code null} for none; an array with an event's name and arguments, or an acknowledgement's arguments
 */
record Packet(
        PacketType type,
        String namespace,
        long id,
        @Nullable JsonNode data) {
    static final long NO_ID = -1;

    /** The namespace that need not be named. */
    static final String ROOT = "/";
}
