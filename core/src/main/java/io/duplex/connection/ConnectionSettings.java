package io.duplex.connection;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.extension.PermessageDeflate;
import java.util.function.BiConsumer;

/**
 * What the connections of one server or client have in common.
 *
 * @param limits what a peer can make this side hold
 * @param timeouts how long each phase may take
 * @param compression level and threshold of what is sent compressed
 * @param topics who has joined what
 * @param faults told of a handler's exceptions; it may log them
 */
public record ConnectionSettings(
        Limits limits,
        Timeouts timeouts,
        PermessageDeflate compression,
        Topics topics,
        BiConsumer<? super WebSocket, ? super Throwable> faults) {}
