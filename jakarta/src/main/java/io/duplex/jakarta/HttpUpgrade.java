package io.duplex.jakarta;

import jakarta.websocket.DeploymentException;
import java.io.IOException;

/**
 * Turns a request of a servlet container into a connection: what stands behind {@link
 * jakarta.websocket.server.ServerContainer#upgradeHttpToWebSocket}. Thread-safe.
 */
@FunctionalInterface
public interface HttpUpgrade {
    /**
     * Upgrades.
     *
     * @param request the container's {@code HttpServletRequest}
     * @param response its {@code HttpServletResponse}
     * @param match the endpoint
     * @throws IOException if the connection is lost
     * @throws DeploymentException if the request cannot be upgraded
     */
    void upgrade(Object request, Object response, EndpointMatch match) throws IOException, DeploymentException;
}
