package io.duplex.benchmarks.peer;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.websocket.server.WsSci;

/**
 * Tomcat, embedded: Jakarta endpoints, annotated, that return whole messages. It sets aside buffers of the longest message for each
 * connection, so only {@code /big} takes more than 8 KiB.
 */
final class TomcatEcho {
    static final int MAX_BIG_BYTES = 2 << 20;
    private static final Set<Session> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

    private TomcatEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        Path folder = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(options.port());
        Connector connector = tomcat.getConnector();
        configure(connector, options);
        Context context = tomcat.addContext("", folder.toString());
        Tomcat.addServlet(context, "none", new NoServlet()).addMapping("/");
        context.addServletContainerInitializer(new WsSci(), null);
        context.addServletContainerInitializer((classes, servlets) -> deploy(servlets), null);
        tomcat.start();
        options.listening(connector.getLocalPort());
        tomcat.getServer().await();
    }

    static void configure(Connector connector, PeerOptions options) throws Exception {
        connector.setProperty("address", PeerOptions.HOST);
        connector.setProperty("maxConnections", "20000");
        connector.setProperty("acceptCount", String.valueOf(PeerOptions.BACKLOG));
        connector.setProperty("tcpNoDelay", "true");
        if (options.tls()) {
            secure(connector);
        }
    }

    private static void secure(Connector connector) throws Exception {
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
        certificate.setCertificateKeystore(PeerCertificate.create().keys());
        certificate.setCertificateKeystorePassword(PeerCertificate.PASSWORD);
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
    }

    private static void deploy(ServletContext servlets) throws ServletException {
        try {
            deploy((ServerContainer) servlets.getAttribute(ServerContainer.class.getName()));
        } catch (DeploymentException e) {
            throw new ServletException(e);
        }
    }

    static void deploy(ServerContainer container) throws DeploymentException {
        container.addEndpoint(Echo.class);
        container.addEndpoint(BigEcho.class);
        container.addEndpoint(ServerEndpointConfig.Builder.create(FanOut.class, PeerOptions.FANOUT)
                .build());
    }

    private static final class NoServlet extends HttpServlet {
        private static final long serialVersionUID = 1;
    }

    /** Public, because Tomcat makes it. */
    @ServerEndpoint("/echo")
    public static final class Echo {
        @OnOpen
        public void onOpen(Session session) {
            session.setMaxIdleTimeout(0);
        }

        @OnMessage
        public String onText(String text) {
            return text;
        }

        @OnMessage
        public ByteBuffer onBinary(ByteBuffer payload) {
            return payload;
        }
    }

    /** Public, because Tomcat makes it. */
    @ServerEndpoint("/big")
    public static final class BigEcho {
        @OnOpen
        public void onOpen(Session session) {
            session.setMaxIdleTimeout(0);
            session.setMaxTextMessageBufferSize(MAX_BIG_BYTES);
            session.setMaxBinaryMessageBufferSize(MAX_BIG_BYTES);
        }

        @OnMessage
        public String onText(String text) {
            return text;
        }

        @OnMessage
        public ByteBuffer onBinary(ByteBuffer payload) {
            return payload;
        }
    }

    /** Public, because Tomcat makes it. */
    public static final class FanOut extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.setMaxIdleTimeout(0);
            SUBSCRIBERS.add(session);
            session.addMessageHandler(ByteBuffer.class, FanOut::publish);
        }

        private static void publish(ByteBuffer payload) {
            SUBSCRIBERS.removeIf(subscriber -> !send(subscriber, payload.duplicate()));
        }

        /** Returns false to a session that has gone without a closing handshake. */
        private static boolean send(Session subscriber, ByteBuffer payload) {
            synchronized (subscriber) {
                try {
                    subscriber.getBasicRemote().sendBinary(payload);
                    return true;
                } catch (IOException e) {
                    return false;
                }
            }
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            SUBSCRIBERS.remove(session);
        }
    }
}
