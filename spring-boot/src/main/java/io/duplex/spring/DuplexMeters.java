package io.duplex.spring;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.servlet.ServletHost;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;

/** Counts connections. Its only tag is who ended them, which has as many values as {@link ClosedBy}. */
final class DuplexMeters implements MeterBinder {
    private final ServletHost host;

    DuplexMeters(ServletHost host) {
        this.host = host;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("duplex.connections", host, ServletHost::connections)
                .description("Open WebSocket connections")
                .register(registry);
        FunctionCounter.builder("duplex.connections.opened", host, ServletHost::opened)
                .description("WebSocket connections that were opened")
                .register(registry);
        for (ClosedBy cause : ClosedBy.values()) {
            FunctionCounter.builder("duplex.connections.closed", host, counted -> counted.ended(cause))
                    .description("WebSocket connections that have ended")
                    .tag("by", cause.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }
}
