package io.duplex.tck;

import io.duplex.servlet.HandOff;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;

/** Tomcat without a WebSocket of its own: {@link WarEndpoints} brings Duplex's to each application. */
final class TomcatHost implements WarHost {
    private static final Logger TOMCATS = Logger.getLogger("org.apache");

    private final Tomcat tomcat = new Tomcat();
    private Path folder;

    TomcatHost(HandOff handOff) {
        WarEndpoints.handOff = handOff;
        TOMCATS.setLevel(Level.SEVERE);
    }

    @Override
    public int start() throws Exception {
        folder = Files.createTempDirectory("duplex-tck");
        Files.createDirectory(folder.resolve("webapps"));
        tomcat.setBaseDir(folder.toString());
        tomcat.setPort(0);
        tomcat.setAddDefaultWebXmlToWebapp(false);
        tomcat.getHost();
        tomcat.getConnector();
        tomcat.start();
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    public void deploy(String contextPath, Archive<?> war) {
        Path file = folder.resolve("webapps" + contextPath + ".war");
        war.as(ZipExporter.class).exportTo(file.toFile(), true);
        Context context = tomcat.addWebapp(tomcat.getHost(), contextPath, file.toString(), new ContextConfig() {
            @Override
            protected synchronized void beforeStart() {
                super.beforeStart();
                // Which has the classes of all WARs.
                ((StandardJarScanner) context.getJarScanner()).setScanClassPath(false);
                // Tomcat asks no filter where there is no servlet.
                Tomcat.addServlet(context, "default", new DefaultServlet()).addMapping("/");
            }
        });
        if (!context.getState().isAvailable()) {
            throw new IllegalStateException("Tomcat has not started it");
        }
    }

    @Override
    public void undeploy(String contextPath) {
        Container context = tomcat.getHost().findChild(contextPath);
        if (context != null) {
            tomcat.getHost().removeChild(context);
        }
    }

    @Override
    public void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
