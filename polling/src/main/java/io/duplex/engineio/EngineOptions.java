package io.duplex.engineio;

import java.time.Duration;

/**
 * What the sessions of one service have in common.
 *
 * @param pingInterval from one answer to the next Ping
 * @param pingTimeout how long the answer may take
 * @param maxPayload bytes of a request's body
 * @param maxPartsBytes of a message that the application sends in parts, which wait for the last
 * @param polls whether there is polling
 * @param upgrades whether there is WebSocket
 */
record EngineOptions(
        Duration pingInterval,
        Duration pingTimeout,
        int maxPayload,
        int maxPartsBytes,
        boolean polls,
        boolean upgrades) {
    long pingIntervalNanos() {
        return pingInterval.toNanos();
    }

    long pingTimeoutNanos() {
        return pingTimeout.toNanos();
    }

    /** The data of the packet that opens a session. */
    String describe(String id, boolean mayUpgrade) {
        return "{\"sid\":\"" + id + "\",\"upgrades\":[" + (mayUpgrade && upgrades ? "\"websocket\"" : "")
                + "],\"pingInterval\":" + pingInterval.toMillis() + ",\"pingTimeout\":" + pingTimeout.toMillis()
                + ",\"maxPayload\":" + maxPayload + "}";
    }
}
