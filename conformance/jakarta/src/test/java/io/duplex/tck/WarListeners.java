package io.duplex.tck;

import io.duplex.jakarta.DuplexServerContainer;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one thing of a servlet container that some WARs need to add their endpoints: their context listeners are told of the start,
 * and find the container among the attributes.
 */
final class WarListeners {
    private static final String ATTRIBUTE = "jakarta.websocket.server.ServerContainer";

    private WarListeners() {}

    static void start(WarClassLoader classes, DuplexServerContainer application) throws Exception {
        Map<Object, Object> attributes = new ConcurrentHashMap<>(Map.of(ATTRIBUTE, application));
        ServletContext context = (ServletContext) Proxy.newProxyInstance(
                classes, new Class<?>[] {ServletContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getAttribute" -> attributes.get(arguments[0]);
                    case "setAttribute" -> attributes.put(arguments[0], arguments[1]);
                    case "addListener" -> {
                        tell((Class<?>) arguments[0], (ServletContext) proxy);
                        yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.toString());
                });
        for (Class<?> type : classes.all()) {
            if (type.isAnnotationPresent(WebListener.class)) {
                tell(type, context);
            }
        }
        for (ServletContainerInitializer initializer : ServiceLoader.load(ServletContainerInitializer.class, classes)) {
            if (initializer.getClass().getClassLoader() == classes) {
                initializer.onStartup(Set.of(), context);
            }
        }
    }

    private static void tell(Class<?> type, ServletContext context) throws ReflectiveOperationException {
        if (type.getDeclaredConstructor().newInstance() instanceof ServletContextListener listener) {
            listener.contextInitialized(new ServletContextEvent(context));
        }
    }
}
