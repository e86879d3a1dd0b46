package io.duplex.servlet;

import io.duplex.Handshake;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A handshake that a servlet request asked for. It outlives the request, of which it keeps nothing. */
record ServletHandshake(
        RequestHead request,
        Agreement agreement,
        Map<String, String> pathParameters,
        SocketAddress remoteAddress,
        boolean isSecure,
        List<X509Certificate> peerCertificates,
        @Nullable Principal principal)
        implements Handshake {
    private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%.*)?");

    static ServletHandshake of(
            HttpServletRequest servlet, RequestHead head, Agreement agreement, Map<String, String> pathParameters) {
        return new ServletHandshake(
                head,
                agreement,
                pathParameters,
                address(servlet.getRemoteAddr(), servlet.getRemotePort()),
                servlet.isSecure(),
                certificates(servlet),
                servlet.getUserPrincipal());
    }

    /**
     * The head of a request, as its container read it.
     *
     * @throws IllegalArgumentException if it has characters that a head may not have
     */
    static RequestHead head(HttpServletRequest servlet) {
        HeaderFields.Builder fields = HeaderFields.builder();
        for (String name : Collections.list(servlet.getHeaderNames())) {
            for (String value : Collections.list(servlet.getHeaders(name))) {
                fields.add(name, value);
            }
        }
        String query = servlet.getQueryString();
        String target = query == null ? servlet.getRequestURI() : servlet.getRequestURI() + "?" + query;
        return new RequestHead(servlet.getMethod(), target, version(servlet.getProtocol()), fields.build());
    }

    private static HttpVersion version(String protocol) {
        int slash = protocol.indexOf('/');
        int dot = protocol.indexOf('.', slash);
        if (dot == slash + 2 && dot + 2 == protocol.length()) {
            return new HttpVersion(protocol.charAt(slash + 1) - '0', protocol.charAt(dot + 1) - '0');
        }
        throw new IllegalArgumentException("HTTP version \"" + protocol + "\" is not of the form HTTP/1.1");
    }

    /** Never asks DNS: behind a proxy, anything may stand there. */
    private static SocketAddress address(@Nullable String host, int port) {
        String name = host == null ? "" : host;
        int validPort = port < 0 || port > 0xFFFF ? 0 : port;
        if (IP_ADDRESS.matcher(name).matches()) {
            try {
                return new InetSocketAddress(InetAddress.getByName(name), validPort);
            } catch (UnknownHostException notQuite) {
                return InetSocketAddress.createUnresolved(name, validPort);
            }
        }
        return InetSocketAddress.createUnresolved(name, validPort);
    }

    private static List<X509Certificate> certificates(HttpServletRequest servlet) {
        Object chain = servlet.getAttribute("jakarta.servlet.request.X509Certificate");
        return chain instanceof X509Certificate[] certificates ? List.of(certificates) : List.of();
    }

    @Override
    public String target() {
        return request.resourceName();
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public @Nullable String query() {
        return request.query();
    }

    @Override
    public String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "route has no parameter '" + name + "', it has " + pathParameters.keySet());
        }
        return value;
    }

    @Override
    public @Nullable String header(String name) {
        return request.fields().first(name);
    }

    @Override
    public List<String> headers(String name) {
        return request.fields().all(name);
    }

    @Override
    public @Nullable String origin() {
        return header("Origin");
    }

    @Override
    public @Nullable String subprotocol() {
        return agreement.subprotocol();
    }

    @Override
    public String extensions() {
        return agreement.extensions();
    }
}
