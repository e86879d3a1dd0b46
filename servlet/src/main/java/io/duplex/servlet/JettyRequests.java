package io.duplex.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Knows requests of Jetty 12, whose {@link HttpServletRequest#upgrade} gives streams that are at their end at once if the request
 * has no body. So its connections are replaced in the way that its own WebSocket takes. Nothing here may be touched unless {@link
 * #PRESENT}.
 */
final class JettyRequests {
    /** Whether there is a Jetty, and one that is known. */
    static final boolean PRESENT = isPresent();

    private JettyRequests() {}

    private static boolean isPresent() {
        ClassLoader loader = JettyRequests.class.getClassLoader();
        try {
            Class.forName("org.eclipse.jetty.server.HttpStream", false, loader);
            Class.forName("org.eclipse.jetty.io.Connection$UpgradeTo", false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Jetty's own request, whatever is wrapped around it; {@code null} if it is not Jetty's. */
    private static @Nullable Request find(HttpServletRequest request) {
        ServletRequest inner = request;
        while (inner instanceof ServletRequestWrapper wrapper) {
            inner = wrapper.getRequest();
        }
        if (!inner.getClass().getName().startsWith("org.eclipse.jetty.")) {
            return null;
        }
        try {
            // Each version of the servlet API has a class of its own for this.
            return inner.getClass().getMethod("getRequest").invoke(inner) instanceof Request found ? found : null;
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return null;
        }
    }

    /** Returns false, having done nothing, if it is no request of Jetty's. */
    static boolean upgrade(HttpServletRequest servlet, HttpServletResponse response, Opening opening) {
        Request request = find(servlet);
        if (request == null) {
            return false;
        }
        EndPoint socket = request.getConnectionMetaData().getConnection().getEndPoint();
        Executor executor = request.getComponents().getExecutor();
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new JettyUpgrade(socket, executor, opening));
        response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
        return true;
    }
}
