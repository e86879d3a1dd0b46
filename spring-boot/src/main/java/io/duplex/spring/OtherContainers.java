package io.duplex.spring;

import java.util.List;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;

/**
 * Takes out what would set up the servlet container's own WebSocket: Tomcat's filter refuses to start beside another container
 * than its own, and Jetty's without the rest of it.
 */
final class OtherContainers implements BeanDefinitionRegistryPostProcessor {
    /** The names of Spring Boot's beans, in 4 and in 3. */
    private static final List<String> CUSTOMIZERS = List.of(
            "webSocketWebServerCustomizer",
            "websocketServletWebServerCustomizer",
            "websocketUpgradeFilterWebServerCustomizer");

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        for (String name : CUSTOMIZERS) {
            if (registry.containsBeanDefinition(name)) {
                registry.removeBeanDefinition(name);
            }
        }
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {}
}
