package io.duplex.jakarta;

import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.ArrayList;
import java.util.List;

/** What endpoints without a configurator of their own do (Jakarta WebSocket §3.1). Thread-safe. */
public final class DuplexConfigurator extends ServerEndpointConfig.Configurator {
    /** For {@link java.util.ServiceLoader}. */
    public DuplexConfigurator() {}

    /** The first that the client offers and the endpoint supports (§3.1.2). */
    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
        for (String name : requested) {
            if (supported.contains(name)) {
                return name;
            }
        }
        return "";
    }

    /** Those that the client offers and the endpoint has, in the client's order (§3.1.3). */
    @Override
    public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
        List<Extension> negotiated = new ArrayList<>();
        for (Extension extension : requested) {
            if (installed.stream().anyMatch(known -> known.getName().equals(extension.getName()))) {
                negotiated.add(extension);
            }
        }
        return negotiated;
    }

    /**
     * Leaves it to the container, which lets pages of the server's own origin connect unless it is told otherwise: an endpoint
     * that overrides this decides alone.
     */
    @Override
    public boolean checkOrigin(String origin) {
        return true;
    }

    @Override
    public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {}

    /** A new object for each connection (§3.1.7). */
    @Override
    public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
        try {
            return type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            InstantiationException failure = new InstantiationException(type.getName() + " cannot be made: " + e);
            failure.initCause(e);
            throw failure;
        }
    }
}
