package io.duplex.spring;

import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.jakarta.EndpointMatch;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;

/** Takes those requests out of the chain that ask for WebSocket where a Jakarta endpoint stands. Thread-safe. */
final class EndpointFilter implements Filter {
    /** Such as {@code ;jsessionid}: to servlet containers they are not part of the path. */
    private static final Pattern PATH_PARAMETERS = Pattern.compile(";[^/]*");

    private final DuplexServerContainer container;
    private final RequestUpgrade upgrade;

    EndpointFilter(DuplexServerContainer container, RequestUpgrade upgrade) {
        this.container = container;
        this.upgrade = upgrade;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest http
                && response instanceof HttpServletResponse answer
                && RequestUpgrade.isAskedFor(http)) {
            EndpointMatch match = container.match(PATH_PARAMETERS
                    .matcher(
                            http.getRequestURI().substring(http.getContextPath().length()))
                    .replaceAll(""));
            if (match != null) {
                upgrade.upgrade(http, answer, match);
                return;
            }
        }
        chain.doFilter(request, response);
    }
}
