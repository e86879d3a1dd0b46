package io.duplex.tck;

import io.duplex.connection.Upgrade;
import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.jakarta.EndpointMatch;
import io.duplex.jakarta.EndpointRequest;
import io.duplex.servlet.HandOff;
import io.duplex.servlet.ServletHost;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.HandlesTypes;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Deploys the endpoints of an application that starts, and has a filter give them their requests. */
@HandlesTypes({ServerEndpoint.class, ServerApplicationConfig.class, Endpoint.class})
public final class WarEndpoints implements ServletContainerInitializer {
    static volatile HandOff handOff = HandOff.AUTO;

    @Override
    public void onStartup(Set<Class<?>> classes, ServletContext context) throws ServletException {
        ServletHost host = ServletHost.builder().handOff(handOff).build();
        DuplexServerContainer container = DuplexServerContainer.builder()
                .httpUpgrade((request, response, match) ->
                        upgrade(host, (HttpServletRequest) request, (HttpServletResponse) response, match))
                .build();
        context.setAttribute(ServerContainer.class.getName(), container);
        context.addListener(new End(container, host));
        context.addFilter("endpoints", new EndpointFilter(container, host))
                .addMappingForUrlPatterns(null, true, "/*");
        try {
            container.deploy(classes == null ? Set.of() : classes);
        } catch (DeploymentException e) {
            throw new ServletException(e);
        }
    }

    private static void upgrade(
            ServletHost host, HttpServletRequest request, HttpServletResponse response, EndpointMatch match)
            throws IOException {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        request.getParameterMap().forEach((name, values) -> parameters.put(name, List.of(values)));
        Upgrade answer = match.answer(EndpointRequest.of(ServletHost.request(request))
                .principal(request.getUserPrincipal())
                .userInRole(request::isUserInRole)
                .httpSession(request::getSession)
                .boundHttpSession(request.getSession(false))
                .parameters(parameters)
                .build());
        try {
            if (answer instanceof Upgrade.Accepted accepted) {
                host.upgrade(request, response, accepted.answer(), accepted.handshake(), accepted.handler());
            } else if (answer instanceof Upgrade.Refused refused) {
                ServletHost.refuse(response, refused.answer());
            }
        } catch (ServletException e) {
            throw new IOException("the request is not upgraded", e);
        }
    }

    private static final class EndpointFilter extends HttpFilter {
        private static final long serialVersionUID = 1;

        private final transient DuplexServerContainer container;
        private final transient ServletHost host;

        EndpointFilter(DuplexServerContainer container, ServletHost host) {
            this.container = container;
            this.host = host;
        }

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            EndpointMatch match = request.getHeader("Upgrade") == null
                    ? null
                    : container.match(
                            request.getRequestURI().substring(request.getContextPath().length()));
            if (match == null) {
                chain.doFilter(request, response);
            } else {
                upgrade(host, request, response, match);
            }
        }
    }

    private record End(DuplexServerContainer container, ServletHost host) implements ServletContextListener {
        @Override
        public void contextDestroyed(ServletContextEvent event) {
            container.close();
            host.close();
        }
    }
}
