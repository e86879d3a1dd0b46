package io.duplex.spring;

import io.duplex.jakarta.DuplexServerContainer;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;

/**
 * What applications see of the container: it has Spring make the endpoints of annotated classes, so that they get what they
 * depend on. As the specification wants it, each connection has an object of its own. Classes with a configurator of their own are
 * left to it. All other calls are the container's.
 */
final class BeanEndpoints implements InvocationHandler {
    private final DuplexServerContainer container;
    private final AutowireCapableBeanFactory beans;

    private BeanEndpoints(DuplexServerContainer container, AutowireCapableBeanFactory beans) {
        this.container = container;
        this.beans = beans;
    }

    static ServerContainer of(DuplexServerContainer container, AutowireCapableBeanFactory beans) {
        return (ServerContainer) Proxy.newProxyInstance(
                BeanEndpoints.class.getClassLoader(),
                new Class<?>[] {ServerContainer.class},
                new BeanEndpoints(container, beans));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("addEndpoint") && arguments != null && arguments[0] instanceof Class<?> type) {
            ServerEndpoint endpoint = type.getAnnotation(ServerEndpoint.class);
            if (endpoint != null && endpoint.configurator() == ServerEndpointConfig.Configurator.class) {
                container.addEndpoint(config(type, endpoint));
                return null;
            }
        }
        try {
            return method.invoke(container, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private ServerEndpointConfig config(Class<?> type, ServerEndpoint endpoint) {
        return ServerEndpointConfig.Builder.create(type, endpoint.value())
                .subprotocols(List.of(endpoint.subprotocols()))
                .encoders(List.of(endpoint.encoders()))
                .decoders(List.of(endpoint.decoders()))
                .configurator(new BeanConfigurator(beans))
                .build();
    }

    /** All but making endpoints is as the container has it. */
    private static final class BeanConfigurator extends ServerEndpointConfig.Configurator {
        private final AutowireCapableBeanFactory beans;

        BeanConfigurator(AutowireCapableBeanFactory beans) {
            this.beans = beans;
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
            try {
                return beans.createBean(type);
            } catch (BeansException e) {
                InstantiationException failure =
                        new InstantiationException(type.getName() + " cannot be made: " + e.getMessage());
                failure.initCause(e);
                throw failure;
            }
        }
    }
}
