package io.duplex.tck;

import io.duplex.connection.UpgradeHandler;
import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.server.WebSocketServer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.shrinkwrap.api.Archive;

/** Duplex's own server. */
final class DuplexHost implements WarHost {
    private final Map<String, DuplexServerContainer> applications = new ConcurrentHashMap<>();
    private WebSocketServer server;

    @Override
    public int start() {
        UpgradeHandler everywhere = request -> applications.entrySet().stream()
                .map(application -> application.getValue().at(application.getKey()).upgrade(request))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        server = WebSocketServer.builder()
                .host("localhost")
                .port(0)
                .upgrades(everywhere)
                .start();
        return server.port();
    }

    @Override
    public void deploy(String contextPath, Archive<?> war) throws Exception {
        DuplexServerContainer application = DuplexServerContainer.builder().build();
        WarClassLoader classes = new WarClassLoader(war);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(classes);
        try {
            application.deploy(classes.all());
            WarListeners.start(classes, application);
            applications.put(contextPath, application);
        } catch (Exception | LinkageError fault) {
            application.close();
            throw fault;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public void undeploy(String contextPath) {
        DuplexServerContainer application = applications.remove(contextPath);
        if (application != null) {
            application.close();
        }
    }

    @Override
    public void stop() {
        server.close();
    }
}
