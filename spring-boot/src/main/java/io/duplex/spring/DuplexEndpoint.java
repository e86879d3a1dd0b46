package io.duplex.spring;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.servlet.ServletHost;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** What Actuator shows of the application's WebSocket connections. Thread-safe. */
@Endpoint(id = "websockets")
public final class DuplexEndpoint {
    private final ServletHost host;

    DuplexEndpoint(ServletHost host) {
        this.host = host;
    }

    /** How many connections there are and were, and how they are served. */
    @ReadOperation
    public WebSockets webSockets() {
        Map<ClosedBy, Long> closed = new EnumMap<>(ClosedBy.class);
        for (ClosedBy cause : ClosedBy.values()) {
            closed.put(cause, host.ended(cause));
        }
        return new WebSockets(host.connections(), host.opened(), closed, host.ways());
    }

    /**
     * The answer.
     *
     * @param open connections now
     * @param opened connections ever
     * @param closed connections that have ended, by who ended them
     * @param served how connections have been served so far
     */
    public record WebSockets(int open, long opened, Map<ClosedBy, Long> closed, Set<String> served) {}
}
