package io.duplex.spring;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.server.ServerContainer;
import org.springframework.boot.web.servlet.ServletContextInitializer;

/**
 * Puts the container where Spring and servlets look for one. It waits for the servlet container's own WebSocket support to have put
 * its container there, should that be set up all the same.
 */
final class ContainerInstaller implements ServletContextInitializer, ServletContextListener {
    /** Where Jakarta WebSocket has a servlet context's container (§6.4 of its specification). */
    static final String ATTRIBUTE = ServerContainer.class.getName();

    private final ServerContainer container;

    ContainerInstaller(ServerContainer container) {
        this.container = container;
    }

    void install(ServletContext context) {
        context.setAttribute(ATTRIBUTE, container);
    }

    @Override
    public void onStartup(ServletContext context) {
        context.addListener(this);
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        install(event.getServletContext());
    }
}
