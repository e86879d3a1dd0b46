package io.duplex.spring;

import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.server.Authenticator;
import io.duplex.server.WebSocketServer;
import io.duplex.servlet.ServletHost;
import io.duplex.tls.ServerTls;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.servlet.http.HttpSessionListener;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.util.StringUtils;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.socket.server.standard.ServerEndpointExporter;

/**
 * Has Duplex serve the WebSocket endpoints of a servlet application, on the application's port: beans with
 * {@code @ServerEndpoint}, and what Spring builds on the {@code ServerContainer} of the servlet context, which is its
 * {@code WebSocketHandler}s, STOMP and SockJS.
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(name = "duplex.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DuplexProperties.class)
public class DuplexAutoConfiguration {
    /** Creates the configuration. */
    public DuplexAutoConfiguration() {}

    /** Serves the connections. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    public ServletHost duplexServletHost(DuplexProperties properties) {
        return ServletHost.builder()
                .limits(properties.toLimits())
                .timeouts(properties.toTimeouts())
                .compression(properties.toCompression())
                .origins(properties.toOrigins())
                .handOff(properties.handOff())
                .threads(properties.toThreads())
                .build();
    }

    /** Has the endpoints. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    public DuplexServerContainer duplexServerContainer(
            DuplexProperties properties, ServletHost host, Environment environment) {
        DuplexServerContainer container = DuplexServerContainer.builder()
                .executor(executor(environment))
                .compression(properties.toCompression())
                .origins(properties.toOrigins())
                .httpUpgrade(new RequestUpgrade(host))
                .build();
        int maxMessageBytes = host.settings().limits().maxMessageBytes();
        container.setDefaultMaxBinaryMessageBufferSize(maxMessageBytes);
        container.setDefaultMaxTextMessageBufferSize(maxMessageBytes);
        return container;
    }

    /** Callbacks of endpoints may wait, so that each session has a thread while it has something to do. */
    private static Executor executor(Environment environment) {
        if (environment.getProperty("spring.threads.virtual.enabled", Boolean.class, false)
                && Runtime.version().feature() >= 21) {
            return new VirtualThreadTaskExecutor("duplex-endpoint-");
        }
        CustomizableThreadFactory threads = new CustomizableThreadFactory("duplex-endpoint-");
        threads.setDaemon(true);
        return Executors.newCachedThreadPool(threads);
    }

    @Bean
    static OtherContainers duplexOtherContainers() {
        return new OtherContainers();
    }

    @Bean
    ContainerInstaller duplexContainerInstaller(DuplexServerContainer container, AutowireCapableBeanFactory beans) {
        return new ContainerInstaller(BeanEndpoints.of(container, beans));
    }

    /**
     * Behind all other filters, so that whoever guards the application guards its endpoints. It is a plain bean for that: those of
     * registrations come first, and of those without an order the application's.
     */
    @Bean
    EndpointFilter duplexEndpointFilter(DuplexServerContainer container, ServletHost host) {
        return new EndpointFilter(container, new RequestUpgrade(host));
    }

    /** A bean of this kind is told by the servlet container, and by Spring Session if that keeps the sessions. */
    @Bean
    HttpSessionListener duplexHttpSessionListener(DuplexServerContainer container) {
        return new HttpSessionEnd(container);
    }

    /** Serves Jakarta endpoints, and nothing else, on another port as well. */
    @Bean(destroyMethod = "close")
    @ConditionalOnProperty("duplex.server.port")
    OwnPort duplexOwnPort(
            DuplexProperties properties,
            DuplexServerContainer container,
            ObjectProvider<Authenticator> authenticator,
            ConfigurableEnvironment environment) {
        DuplexProperties.Server server = properties.server();
        String contextPath = environment.getProperty("server.servlet.context-path", "");
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .host(server.address())
                .port(Objects.requireNonNull(server.port(), "duplex.server.port is empty"))
                .io(server.io())
                .threads(properties.toThreads())
                .limits(properties.toLimits())
                .timeouts(properties.toTimeouts())
                // Spring Boot lets it end with a slash.
                .upgrades(container.at(StringUtils.trimTrailingCharacter(contextPath, '/')));
        ServerTls tls = properties.toTls();
        if (tls != null) {
            builder.tls(tls);
        }
        authenticator.ifAvailable(builder::authenticator);
        return new OwnPort(builder, environment);
    }

    @Bean
    ConnectionCounts duplexConnectionCounts(ServletHost host, ObjectProvider<OwnPort> port) {
        return new ConnectionCounts(host, port.getIfAvailable());
    }

    @Bean
    DuplexLifecycle duplexLifecycle(DuplexServerContainer container, ServletHost host, ObjectProvider<OwnPort> port) {
        return new DuplexLifecycle(container, host, port.getIfAvailable());
    }

    /** With spring-websocket. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ServerEndpointExporter.class)
    static class WithSpringWebSocket {
        @Bean
        static ExporterPreparation duplexExporterPreparation(ApplicationContext application) {
            return new ExporterPreparation(application);
        }
    }

    /** With spring-websocket and Spring MVC. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ServerEndpointExporter.class, AbstractUrlHandlerMapping.class})
    static class WithSpringMvc {
        @Bean
        static StandardUpgrades duplexStandardUpgrades() {
            return new StandardUpgrades();
        }
    }

    /** With Micrometer. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class WithMicrometer {
        @Bean
        MeterBinder duplexMeters(ConnectionCounts counts) {
            return new DuplexMeters(counts);
        }
    }

    /** With Actuator. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
    static class WithActuator {
        @Bean
        @ConditionalOnAvailableEndpoint(endpoint = DuplexEndpoint.class)
        DuplexEndpoint duplexEndpoint(ConnectionCounts counts) {
            return new DuplexEndpoint(counts);
        }
    }
}
