package io.duplex.spring;

import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.servlet.ServletHost;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Ends the connections when the application stops: with 1001, before the web server does, and as long as Spring waits for a phase
 * ({@code spring.lifecycle.timeout-per-shutdown-phase}) and {@code duplex.drain.timeout} allow.
 */
final class DuplexLifecycle implements SmartLifecycle {
    /** Before the web server's graceful shutdown (1024 below the default), which would wait for nothing of ours. */
    private static final int PHASE = DEFAULT_PHASE - 512;

    private final DuplexServerContainer container;
    private final ServletHost host;
    /** {@code null} if there is none. */
    private final @Nullable OwnPort port;

    private volatile boolean running;

    DuplexLifecycle(DuplexServerContainer container, ServletHost host, @Nullable OwnPort port) {
        this.container = container;
        this.host = host;
        this.port = port;
    }

    @Override
    public void start() {
        if (port != null) {
            port.start();
        }
        running = true;
    }

    @Override
    public void stop(Runnable callback) {
        Thread drain = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "duplex-drain");
        drain.start();
    }

    @Override
    public void stop() {
        running = false;
        container.close();
        host.close();
        if (port != null) {
            port.close();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** What is closed stays closed: a test framework that pauses contexts is to leave this one alone. */
    @SuppressWarnings("MissingOverride") // Spring 6 knows no such method
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
