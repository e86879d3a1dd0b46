package io.duplex.jakarta;

import io.duplex.connection.BlockingThreads;
import io.duplex.extension.PermessageDeflate;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * Connects client endpoints (Jakarta WebSocket §2.1.4). {@link jakarta.websocket.ContainerProvider#getWebSocketContainer()} gives
 * one that the whole JVM shares. It needs a transport, such as {@code duplex-netty}, on the class path. Thread-safe.
 */
public final class DuplexClientContainer implements WebSocketContainer, AutoCloseable {
    /** Demands nothing of the server, as many cannot do without a context. */
    static final PermessageDeflate OFFERED = PermessageDeflate.builder()
            .serverNoContextTakeover(false)
            .clientNoContextTakeover(true)
            .build();

    private final BlockingThreads threads = new BlockingThreads("duplex-jakarta-client");
    private final ContainerSettings settings = new ContainerSettings(threads, Duration.ofSeconds(20));
    private final ClientConnecting connecting = new ClientConnecting(settings, OFFERED);

    private DuplexClientContainer() {}

    /** A container of its own, which is to be closed. */
    public static DuplexClientContainer create() {
        return new DuplexClientContainer();
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

    @Override
    public int getDefaultMaxBinaryMessageBufferSize() {
        return settings.maxBinaryMessageBytes();
    }

    @Override
    public void setDefaultMaxBinaryMessageBufferSize(int bytes) {
        settings.maxBinaryMessageBytes(bytes);
    }

    @Override
    public int getDefaultMaxTextMessageBufferSize() {
        return settings.maxTextMessageChars();
    }

    @Override
    public void setDefaultMaxTextMessageBufferSize(int chars) {
        settings.maxTextMessageChars(chars);
    }

    @Override
    public Set<Extension> getInstalledExtensions() {
        return Set.of(NamedExtension.PERMESSAGE_DEFLATE);
    }

    /** Closes all connections with 1001 and ends the threads. */
    @Override
    public void close() {
        connecting.close();
        settings.close();
        threads.close();
    }
}
