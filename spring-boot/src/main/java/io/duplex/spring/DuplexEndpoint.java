package io.duplex.spring;

import io.duplex.CloseOutcome.ClosedBy;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** What Actuator shows of the application's WebSocket connections. Thread-safe. */
@Endpoint(id = "websockets")
public final class DuplexEndpoint {
    private final ConnectionCounts counts;

    DuplexEndpoint(ConnectionCounts counts) {
        this.counts = counts;
    }

    /** How many connections there are and were, and how they are served. */
    @ReadOperation
    public WebSockets webSockets() {
        Map<ClosedBy, Long> closed = new EnumMap<>(ClosedBy.class);
        for (ClosedBy cause : ClosedBy.values()) {
            closed.put(cause, counts.ended(cause));
        }
        return new WebSockets(counts.open(), counts.opened(), closed, counts.ways());
    }

    /**
     * The answer.
     *
     * @param open connections now
     * @param opened connections ever
     * @param closed connections that have ended, by who ended them
     * @param served how connections are served
     */
    public record WebSockets(int open, long opened, Map<ClosedBy, Long> closed, Set<String> served) {}
}
