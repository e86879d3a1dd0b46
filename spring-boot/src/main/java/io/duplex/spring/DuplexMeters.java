package io.duplex.spring;

import io.duplex.CloseOutcome.ClosedBy;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;

/** Counts connections. Its only tag is who ended them, which has as many values as {@link ClosedBy}. */
final class DuplexMeters implements MeterBinder {
    private final ConnectionCounts counts;

    DuplexMeters(ConnectionCounts counts) {
        this.counts = counts;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("duplex.connections", counts, ConnectionCounts::open)
                .description("Open WebSocket connections")
                .register(registry);
        FunctionCounter.builder("duplex.connections.opened", counts, ConnectionCounts::opened)
                .description("WebSocket connections that were opened")
                .register(registry);
        for (ClosedBy cause : ClosedBy.values()) {
            FunctionCounter.builder("duplex.connections.closed", counts, counted -> counted.ended(cause))
                    .description("WebSocket connections that have ended")
                    .tag("by", cause.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }
}
