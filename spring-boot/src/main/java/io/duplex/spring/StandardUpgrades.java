package io.duplex.spring;

import java.lang.reflect.Field;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.socket.server.HandshakeHandler;
import org.springframework.web.socket.server.RequestUpgradeStrategy;
import org.springframework.web.socket.server.standard.StandardWebSocketUpgradeStrategy;
import org.springframework.web.socket.server.support.AbstractHandshakeHandler;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;
import org.springframework.web.socket.sockjs.support.SockJsHttpRequestHandler;
import org.springframework.web.socket.sockjs.transport.TransportHandlingSockJsService;
import org.springframework.web.socket.sockjs.transport.handler.WebSocketTransportHandler;

/**
 * Has Spring upgrade requests by the {@code ServerContainer} that stands in the servlet context. If it finds the WebSocket of a
 * servlet container on the class path, Spring 6 goes past that to Tomcat's and Undertow's, Spring 7 to Jetty's.
 */
final class StandardUpgrades implements BeanPostProcessor {
    private static final String SPRINGS = "org.springframework.web.socket.server.";
    private static final Field STRATEGY = strategyField();

    private static Field strategyField() {
        // Handshake handlers are made in many places, and none of them asks which strategy to take.
        Field field = Objects.requireNonNull(
                ReflectionUtils.findField(AbstractHandshakeHandler.class, "requestUpgradeStrategy"),
                "this version of Spring is not known");
        ReflectionUtils.makeAccessible(field);
        return field;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof AbstractUrlHandlerMapping mapping) {
            mapping.getHandlerMap().values().forEach(StandardUpgrades::standardize);
        }
        return bean;
    }

    private static void standardize(Object handler) {
        if (handler instanceof WebSocketHttpRequestHandler webSocket) {
            standardize(webSocket.getHandshakeHandler());
        } else if (handler instanceof SockJsHttpRequestHandler sockJs
                && sockJs.getSockJsService() instanceof TransportHandlingSockJsService service) {
            service.getTransportHandlers().values().forEach(transport -> {
                if (transport instanceof WebSocketTransportHandler webSocket) {
                    standardize(webSocket.getHandshakeHandler());
                }
            });
        }
    }

    private static void standardize(@Nullable HandshakeHandler handshakes) {
        if (handshakes instanceof AbstractHandshakeHandler handler) {
            RequestUpgradeStrategy strategy = handler.getRequestUpgradeStrategy();
            if (strategy.getClass() != StandardWebSocketUpgradeStrategy.class
                    && strategy.getClass().getName().startsWith(SPRINGS)) {
                ReflectionUtils.setField(STRATEGY, handler, new StandardWebSocketUpgradeStrategy());
            }
        }
    }
}
