import org.jspecify.annotations.NullMarked;

/** Jakarta WebSocket 2.2 over Duplex. */
@NullMarked
module io.duplex.jakarta {
    requires transitive io.duplex.core;
    requires transitive jakarta.websocket;
    requires transitive jakarta.websocket.client;
    requires static transitive org.jspecify;

    exports io.duplex.jakarta;

    uses io.duplex.connection.Connector.Provider;

    provides jakarta.websocket.ContainerProvider with
            io.duplex.jakarta.DuplexContainerProvider;
    provides jakarta.websocket.server.ServerEndpointConfig.Configurator with
            io.duplex.jakarta.DuplexConfigurator;
}
