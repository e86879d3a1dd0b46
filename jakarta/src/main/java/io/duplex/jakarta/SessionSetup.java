package io.duplex.jakarta;

import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.WebSocketContainer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What a session is made of.
 *
 * @param container where it lives
 * @param settings of that container
 * @param endpoint told of all that happens; of this session alone, or of many
 * @param config of the endpoint
 * @param coders of the endpoint
 * @param siblings the sessions of the same endpoint
 * @param classLoader the application's
 * @param beforeOpen runs before the endpoint is told
 */
record SessionSetup(
        WebSocketContainer container,
        ContainerSettings settings,
        Endpoint endpoint,
        EndpointConfig config,
        CoderTypes coders,
        OpenSessions siblings,
        @Nullable ClassLoader classLoader,
        Callable<@Nullable Void> beforeOpen) {}
