package io.duplex.spring;

import io.duplex.connection.Upgrade;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.jakarta.EndpointMatch;
import io.duplex.jakarta.EndpointRequest;
import io.duplex.jakarta.HttpUpgrade;
import io.duplex.servlet.ServletHost;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Turns servlet requests into sessions of Jakarta endpoints. Thread-safe. */
final class RequestUpgrade implements HttpUpgrade {
    private static final int BAD_REQUEST = 400;

    private final ServletHost host;

    RequestUpgrade(ServletHost host) {
        this.host = host;
    }

    /** Whether the client asks for WebSocket at all. */
    static boolean isAskedFor(HttpServletRequest request) {
        for (Enumeration<String> values = request.getHeaders("Upgrade"); values.hasMoreElements(); ) {
            if (values.nextElement().toLowerCase(Locale.ROOT).contains("websocket")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void upgrade(Object request, Object response, EndpointMatch match) throws IOException {
        try {
            upgrade((HttpServletRequest) request, (HttpServletResponse) response, match);
        } catch (ServletException e) {
            throw new IOException("the servlet container does not upgrade the request", e);
        }
    }

    void upgrade(HttpServletRequest request, HttpServletResponse response, EndpointMatch match)
            throws IOException, ServletException {
        EndpointRequest asked;
        try {
            asked = requestOf(request);
        } catch (IllegalArgumentException malformed) {
            ServletHost.refuse(response, Answer.Refused.of(BAD_REQUEST, HeaderFields.EMPTY, "malformed request\n"));
            return;
        }
        Upgrade answer = match.answer(asked);
        if (answer instanceof Upgrade.Accepted accepted) {
            host.upgrade(request, response, accepted.answer(), accepted.handshake(), accepted.handler());
        } else if (answer instanceof Upgrade.Refused refused) {
            ServletHost.refuse(response, refused.answer());
        }
    }

    private static EndpointRequest requestOf(HttpServletRequest request) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        request.getParameterMap().forEach((name, values) -> parameters.put(name, List.of(values)));
        HttpSession session = request.getSession(false);
        return EndpointRequest.of(ServletHost.request(request))
                .principal(request.getUserPrincipal())
                .userInRole(request::isUserInRole)
                .httpSession(request::getSession)
                .boundHttpSession(session == null ? null : new KnownSession(session))
                .parameters(parameters)
                .build();
    }
}
