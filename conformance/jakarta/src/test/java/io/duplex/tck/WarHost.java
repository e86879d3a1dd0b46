package io.duplex.tck;

import org.jboss.shrinkwrap.api.Archive;

/** Where the TCK's WARs run. */
interface WarHost {
    /** Listens on a free port of this machine, which it returns. */
    int start() throws Exception;

    /** Has a WAR serve the requests for a context path, which begins with a slash. */
    void deploy(String contextPath, Archive<?> war) throws Exception;

    /** Ends a WAR, should it be there. */
    void undeploy(String contextPath) throws Exception;

    void stop() throws Exception;
}
