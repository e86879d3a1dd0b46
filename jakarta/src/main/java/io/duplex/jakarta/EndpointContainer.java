package io.duplex.jakarta;

import io.duplex.Limits;
import io.duplex.extension.PermessageDeflate;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import java.io.IOException;
import java.net.URI;

/** What client and server containers have in common: both connect, and have defaults for sessions. Thread-safe. */
abstract sealed class EndpointContainer implements WebSocketContainer
        permits DuplexClientContainer, DuplexServerContainer {
    /** Demands nothing of the server, as many cannot do without a context. */
    static final PermessageDeflate OFFERED = PermessageDeflate.builder()
            .serverNoContextTakeover(false)
            .clientNoContextTakeover(true)
            .build();

    private final ContainerSettings settings;
    private final ClientConnecting connecting;

    EndpointContainer(ContainerSettings settings) {
        this.settings = settings;
        this.connecting = new ClientConnecting(settings, OFFERED);
    }

    ContainerSettings settings() {
        return settings;
    }

    /** Closes all sessions with 1001, tells their endpoints, and ends the threads. */
    void close(String why) {
        settings.closeSessions(new CloseReason(CloseCodes.GOING_AWAY, why));
        connecting.close();
        settings.endThreads();
    }

    @Override
    public Session connectToServer(Object endpoint, URI path) throws DeploymentException, IOException {
        return connecting.connect(this, endpoint, path);
    }

    @Override
    public Session connectToServer(Class<?> type, URI path) throws DeploymentException, IOException {
        return connecting.connect(this, ClientConnecting.instance(type), path);
    }

    @Override
    public Session connectToServer(Endpoint endpoint, ClientEndpointConfig config, URI path)
            throws DeploymentException, IOException {
        return connecting.connect(this, endpoint, config, path);
    }

    @Override
    public Session connectToServer(Class<? extends Endpoint> type, ClientEndpointConfig config, URI path)
            throws DeploymentException, IOException {
        return connecting.connect(this, ClientConnecting.instance(type), config, path);
    }

    @Override
    public long getDefaultAsyncSendTimeout() {
        return settings.asyncSendTimeoutMillis();
    }

    @Override
    public void setAsyncSendTimeout(long millis) {
        settings.asyncSendTimeoutMillis(millis);
    }

    @Override
    public long getDefaultMaxSessionIdleTimeout() {
        return settings.maxSessionIdleTimeoutMillis();
    }

    @Override
    public void setDefaultMaxSessionIdleTimeout(long millis) {
        settings.maxSessionIdleTimeoutMillis(millis);
    }

    /**
     * Bytes of a binary message that is taken whole. Unless it was set, each session has {@link Limits#maxMessageBytes()} of its
     * connection; that of {@link Limits#DEFAULT} stands for it here.
     */
    @Override
    public int getDefaultMaxBinaryMessageBufferSize() {
        return settings.maxBinaryMessageBytes(Limits.DEFAULT);
    }

    /** Sets it; {@link Limits#maxStreamBytes()} of a session's connection stands above it. */
    @Override
    public void setDefaultMaxBinaryMessageBufferSize(int bytes) {
        settings.maxBinaryMessageBytes(bytes);
    }

    /** Chars of a text message that is taken whole, as {@link #getDefaultMaxBinaryMessageBufferSize()} is for binary ones. */
    @Override
    public int getDefaultMaxTextMessageBufferSize() {
        return settings.maxTextMessageChars(Limits.DEFAULT);
    }

    /** Sets it; {@link Limits#maxStreamBytes()} of a session's connection, in bytes of UTF-8, stands above it. */
    @Override
    public void setDefaultMaxTextMessageBufferSize(int chars) {
        settings.maxTextMessageChars(chars);
    }
}
