package io.duplex.spring;

import io.duplex.jakarta.DuplexServerContainer;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;

/** Closes the connections that were opened within an HTTP session when that ends (Jakarta WebSocket §7.2). Thread-safe. */
final class HttpSessionEnd implements HttpSessionListener {
    private final DuplexServerContainer container;

    HttpSessionEnd(DuplexServerContainer container) {
        this.container = container;
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        container.httpSessionEnded(new KnownSession(event.getSession()));
    }
}
