package io.duplex.tck;

import io.duplex.connection.UpgradeHandler;
import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.server.WebSocketServer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.arquillian.container.spi.client.protocol.metadata.Servlet;
import org.jboss.arquillian.core.spi.LoadableExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.descriptor.api.Descriptor;

/**
 * Runs the endpoints of the TCK's WARs on Duplex's own server, each under the path of its name. A WAR that cannot be deployed is
 * left out, as some must not be deployable.
 */
public final class DuplexContainer implements DeployableContainer<DuplexContainer.Configuration> {
    private final Map<String, DuplexServerContainer> applications = new ConcurrentHashMap<>();
    private WebSocketServer server;

    /** Tells Arquillian of this container. */
    public static final class Extension implements LoadableExtension {
        @Override
        public void register(ExtensionBuilder builder) {
            builder.service(DeployableContainer.class, DuplexContainer.class);
        }
    }

    /** Has nothing to be set. */
    public static final class Configuration implements ContainerConfiguration {
        @Override
        public void validate() {}
    }

    @Override
    public Class<Configuration> getConfigurationClass() {
        return Configuration.class;
    }

    @Override
    public void setup(Configuration configuration) {}

    @Override
    public void start() {
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
    }

    @Override
    public void stop() {
        server.close();
    }

    @Override
    public ProtocolDescription getDefaultProtocol() {
        return new ProtocolDescription("Servlet 6.0");
    }

    @Override
    public ProtocolMetaData deploy(Archive<?> archive) {
        String contextPath = path(archive);
        DuplexServerContainer application = DuplexServerContainer.builder().build();
        WarClassLoader classes = new WarClassLoader(archive);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(classes);
        try {
            application.deploy(classes.all());
            WarListeners.start(classes, application);
            applications.put(contextPath, application);
        } catch (Exception | LinkageError e) {
            System.out.println(archive.getName() + " is not deployed: " + e);
            application.close();
        } finally {
            thread.setContextClassLoader(before);
        }
        HTTPContext http = new HTTPContext("localhost", server.port());
        http.add(new Servlet("endpoints", contextPath));
        return new ProtocolMetaData().addContext(http);
    }

    @Override
    public void undeploy(Archive<?> archive) {
        DuplexServerContainer application = applications.remove(path(archive));
        if (application != null) {
            application.close();
        }
    }

    private static String path(Archive<?> archive) {
        return "/" + archive.getName().replaceFirst("\\.war$", "");
    }

    @Override
    public void deploy(Descriptor descriptor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void undeploy(Descriptor descriptor) {
        throw new UnsupportedOperationException();
    }
}
