package io.duplex.servlet;

import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a servlet request says of its client. The result outlives the request, of which it keeps nothing. */
final class ServletRequests {
    private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%.*)?");

    private ServletRequests() {}

    /**
     * A request, as its container read it.
     *
     * @throws IllegalArgumentException if its head has characters that a head may not have
     */
    static UpgradeRequest of(HttpServletRequest servlet) {
        return new UpgradeRequest(
                head(servlet),
                address(servlet.getRemoteAddr(), servlet.getRemotePort()),
                servlet.isSecure(),
                certificates(servlet));
    }

    private static RequestHead head(HttpServletRequest servlet) {
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
}
