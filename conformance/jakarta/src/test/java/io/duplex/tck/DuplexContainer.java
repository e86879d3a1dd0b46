package io.duplex.tck;

import io.duplex.servlet.HandOff;
import java.util.Locale;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.container.DeploymentException;
import org.jboss.arquillian.container.spi.client.container.LifecycleException;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.arquillian.container.spi.client.protocol.metadata.Servlet;
import org.jboss.arquillian.core.spi.LoadableExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.descriptor.api.Descriptor;

/**
 * Runs the endpoints of the TCK's WARs on Duplex, each under the path of its name. A WAR that cannot be deployed is left out, as
 * some must not be deployable.
 */
public final class DuplexContainer implements DeployableContainer<DuplexContainer.Configuration> {
    private final WarHost host;
    private int port;

    /** Is told by a system property whether the host is Tomcat, and how it hands connections off. */
    public DuplexContainer() {
        String handOff = System.getProperty("duplex.tck.tomcat", "");
        host = handOff.isEmpty()
                ? new DuplexHost()
                : new TomcatHost(HandOff.valueOf(handOff.toUpperCase(Locale.ROOT)));
    }

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
    public void start() throws LifecycleException {
        try {
            port = host.start();
        } catch (Exception e) {
            throw new LifecycleException("the host does not start", e);
        }
    }

    @Override
    public void stop() throws LifecycleException {
        try {
            host.stop();
        } catch (Exception e) {
            throw new LifecycleException("the host does not stop", e);
        }
    }

    @Override
    public ProtocolDescription getDefaultProtocol() {
        return new ProtocolDescription("Servlet 6.0");
    }

    @Override
    public ProtocolMetaData deploy(Archive<?> archive) {
        try {
            host.deploy(path(archive), archive);
        } catch (Exception | LinkageError e) {
            System.out.println(archive.getName() + " is not deployed: " + e);
        }
        HTTPContext http = new HTTPContext("localhost", port);
        http.add(new Servlet("endpoints", path(archive)));
        return new ProtocolMetaData().addContext(http);
    }

    @Override
    public void undeploy(Archive<?> archive) throws DeploymentException {
        try {
            host.undeploy(path(archive));
        } catch (Exception e) {
            throw new DeploymentException(archive.getName() + " is not undeployed", e);
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
