package io.duplex.client;

import io.duplex.connection.Connector;

/** Offers {@link WebSocketClient} as a service to faces that know no transport, such as Jakarta's. Thread-safe. */
public final class ClientConnectorProvider implements Connector.Provider {
    /** For {@link java.util.ServiceLoader}. */
    public ClientConnectorProvider() {}

    @Override
    public Connector connector() {
        return new ClientConnector();
    }
}
