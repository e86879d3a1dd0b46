package io.duplex.servlet;

import io.duplex.CloseOutcome;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import io.duplex.connection.Loop;
import io.duplex.connection.Transport;
import org.jspecify.annotations.Nullable;

/** An agreed handshake until its connection has ended: counts it for the host. Confined to the connection's event loop. */
final class Opening implements Adoption {
    private final ServletHost host;
    private final Adoption application;
    private @Nullable Connection connection;
    private boolean ended;

    Opening(ServletHost host, Adoption application) {
        this.host = host;
        this.application = application;
    }

    ServletHost host() {
        return host;
    }

    @Override
    public Connection connect(Loop loop, Transport transport) {
        Connection made = application.connect(loop, transport);
        connection = made;
        host.opened(made);
        host.upgraded();
        return made;
    }

    @Override
    public void ended(@Nullable CloseOutcome outcome) {
        if (!ended) {
            ended = true;
            if (connection == null) {
                host.upgraded();
            } else {
                host.closed(connection, outcome);
            }
            application.ended(outcome);
        }
    }
}
