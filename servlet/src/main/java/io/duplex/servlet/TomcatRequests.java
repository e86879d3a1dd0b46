package io.duplex.servlet;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.RequestFacade;

/** Knows requests of Tomcat. Nothing here may be touched unless {@link #PRESENT}. */
final class TomcatRequests {
    /** Whether this is a Tomcat at all, and one that is known. */
    static final boolean PRESENT = isPresent();

    private TomcatRequests() {}

    private static boolean isPresent() {
        ClassLoader loader = TomcatRequests.class.getClassLoader();
        try {
            Class.forName("org.apache.catalina.connector.RequestFacade", false, loader);
            Class.forName("org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper", false, loader);
            Class.forName("org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler", false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Whether {@code request}, whatever is wrapped around it, is Tomcat's. */
    static boolean contain(HttpServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        return inner instanceof RequestFacade;
    }

    static void upgrade(HttpServletRequest request, Opening opening) throws IOException, ServletException {
        request.upgrade(TomcatUpgrade.class).prepare(opening);
    }
}
