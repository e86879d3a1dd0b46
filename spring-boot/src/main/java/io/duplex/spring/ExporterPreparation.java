package io.duplex.spring;

import jakarta.servlet.ServletContext;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.InstantiationAwareBeanPostProcessor;
import org.springframework.context.ApplicationContext;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.socket.server.standard.ServerEndpointExporter;

/**
 * Has a {@link ServerEndpointExporter} find the container where no servlet container was ever started: with the mock web
 * environment of a test.
 */
final class ExporterPreparation implements InstantiationAwareBeanPostProcessor {
    private final ApplicationContext application;

    ExporterPreparation(ApplicationContext application) {
        this.application = application;
    }

    @Override
    public @Nullable Object postProcessBeforeInstantiation(Class<?> type, String name) {
        if (ServerEndpointExporter.class.isAssignableFrom(type) && application instanceof WebApplicationContext web) {
            ServletContext context = web.getServletContext();
            if (context != null && context.getAttribute(ContainerInstaller.ATTRIBUTE) == null) {
                web.getBean(ContainerInstaller.class).install(context);
            }
        }
        return null;
    }
}
