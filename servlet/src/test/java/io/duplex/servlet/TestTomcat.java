package io.duplex.servlet;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** A Tomcat on a free port of this machine whose servlets upgrade to WebSocket. */
final class TestTomcat implements AutoCloseable {
    /** Each stop warns of what a test's JVM does not open to it. */
    private static final Logger TOMCATS = Logger.getLogger("org.apache");

    static {
        TOMCATS.setLevel(Level.SEVERE);
    }

    private final Path folder;
    private final Tomcat tomcat = new Tomcat();
    private final Connector connector;
    private final Context context;

    TestTomcat(boolean tls) throws IOException {
        folder = Files.createTempDirectory("duplex-tomcat");
        tomcat.setBaseDir(folder.toString());
        connector = tomcat.getConnector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        if (tls) {
            secure();
        }
        context = tomcat.addContext("", folder.toString());
    }

    private void secure() {
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateFile(resource("localhost.crt.pem"));
        certificate.setCertificateKeyFile(resource("localhost.key.pem"));
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
    }

    private static String resource(String name) {
        return Path.of(TestTomcat.class
                        .getResource("/io/duplex/transport/" + name)
                        .getPath())
                .toString();
    }

    TestTomcat route(String path, ServletHost host, Function<Handshake, WebSocketHandler> handlers) {
        Wrapper servlet = Tomcat.addServlet(context, path, new Upgrading(host, handlers));
        servlet.addMapping(path);
        return this;
    }

    TestTomcat start() throws LifecycleException {
        tomcat.start();
        return this;
    }

    int port() {
        return connector.getLocalPort();
    }

    /** The connections that Tomcat counts. */
    long connections() {
        return ((AbstractHttp11Protocol<?>) connector.getProtocolHandler()).getConnectionCount();
    }

    @Override
    public void close() throws IOException, LifecycleException {
        tomcat.stop();
        tomcat.destroy();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static final class Upgrading extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient ServletHost host;
        private final transient Function<Handshake, WebSocketHandler> handlers;

        Upgrading(ServletHost host, Function<Handshake, WebSocketHandler> handlers) {
            this.host = host;
            this.handlers = handlers;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            host.upgrade(request, response, handlers);
        }
    }
}
