package io.duplex.benchmarks.peer;

import io.duplex.Limits;
import io.duplex.connection.Upgrade;
import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.jakarta.EndpointMatch;
import io.duplex.jakarta.EndpointRequest;
import io.duplex.servlet.ServletHost;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Tomcat, embedded, with Duplex in place of its WebSocket: the endpoints of {@link TomcatEcho}, not a line of them changed. */
final class TomcatDuplexEcho {
    private TomcatDuplexEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        Path folder = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(options.port());
        Connector connector = tomcat.getConnector();
        TomcatEcho.configure(connector, options);
        Context context = tomcat.addContext("", folder.toString());
        DuplexServerContainer endpoints = DuplexServerContainer.builder().build();
        TomcatEcho.deploy(endpoints);
        ServletHost host = ServletHost.builder()
                .limits(Limits.builder()
                        .maxMessageBytes(TomcatEcho.MAX_BIG_BYTES)
                        .build())
                .build();
        Tomcat.addServlet(context, "endpoints", new Endpoints(endpoints, host)).addMapping("/");
        tomcat.start();
        options.listening(connector.getLocalPort());
        tomcat.getServer().await();
    }

    private static final class Endpoints extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient DuplexServerContainer endpoints;
        private final transient ServletHost host;

        Endpoints(DuplexServerContainer endpoints, ServletHost host) {
            this.endpoints = endpoints;
            this.host = host;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            EndpointMatch match = endpoints.match(request.getRequestURI());
            if (match == null) {
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
                return;
            }
            Upgrade answer = match.answer(
                    EndpointRequest.of(ServletHost.request(request)).build());
            if (answer instanceof Upgrade.Accepted accepted) {
                host.upgrade(request, response, accepted.answer(), accepted.handshake(), accepted.handler());
            } else if (answer instanceof Upgrade.Refused refused) {
                ServletHost.refuse(response, refused.answer());
            }
        }
    }
}
