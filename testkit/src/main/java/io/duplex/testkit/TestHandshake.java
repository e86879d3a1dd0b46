package io.duplex.testkit;

import io.duplex.Handshake;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A completed opening handshake, made up. Each method that adds something returns a new one:
 *
 * <pre>{@code
 * TestHandshake.of("/chat/java?since=7").pathParameter("room", "java").header("Cookie", "id=1")
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class TestHandshake implements Handshake {
    private final String target;
    private final Map<String, String> pathParameters;
    private final Map<String, List<String>> headers;
    private final @Nullable String subprotocol;
    private final @Nullable Principal principal;
    private final Map<String, Object> attributes;

    private TestHandshake(
            String target,
            Map<String, String> pathParameters,
            Map<String, List<String>> headers,
            @Nullable String subprotocol,
            @Nullable Principal principal,
            Map<String, Object> attributes) {
        this.target = target;
        this.pathParameters = pathParameters;
        this.headers = headers;
        this.subprotocol = subprotocol;
        this.principal = principal;
        this.attributes = attributes;
    }

    /** A handshake without header fields, path parameters and subprotocol. */
    public static TestHandshake of(String target) {
        return new TestHandshake(target, Map.of(), Map.of(), null, null, Map.of());
    }

    /** Adds a decoded segment of the path. */
    public TestHandshake pathParameter(String name, String value) {
        Map<String, String> more = new TreeMap<>(pathParameters);
        more.put(name, value);
        return new TestHandshake(target, more, headers, subprotocol, principal, attributes);
    }

    /** Adds a request field, behind those of the same name. */
    public TestHandshake header(String name, String value) {
        Map<String, List<String>> more = new TreeMap<>(headers);
        List<String> values = new ArrayList<>(headers(name));
        values.add(value);
        more.put(name.toLowerCase(Locale.ROOT), List.copyOf(values));
        return new TestHandshake(target, pathParameters, more, subprotocol, principal, attributes);
    }

    /** Sets the subprotocol that was agreed. */
    public TestHandshake subprotocol(String name) {
        return new TestHandshake(target, pathParameters, headers, name, principal, attributes);
    }

    /** Sets who the peer is. */
    public TestHandshake principal(Principal who) {
        return new TestHandshake(target, pathParameters, headers, subprotocol, who, attributes);
    }

    /** Adds what the authentication noted about the peer. */
    public TestHandshake attribute(String name, Object value) {
        Map<String, Object> more = new TreeMap<>(attributes);
        more.put(name, value);
        return new TestHandshake(
                target, pathParameters, headers, subprotocol, principal, Collections.unmodifiableMap(more));
    }

    @Override
    public String target() {
        return target;
    }

    @Override
    public String path() {
        int end = target.indexOf('?');
        return end < 0 ? target : target.substring(0, end);
    }

    @Override
    public @Nullable String query() {
        int end = target.indexOf('?');
        return end < 0 ? null : target.substring(end + 1);
    }

    @Override
    public String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("route has no parameter " + name);
        }
        return value;
    }

    @Override
    public @Nullable String header(String name) {
        List<String> values = headers(name);
        return values.isEmpty() ? null : values.get(0);
    }

    @Override
    public List<String> headers(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    @Override
    public @Nullable String origin() {
        return header("Origin");
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public String extensions() {
        return "";
    }

    @Override
    public SocketAddress remoteAddress() {
        return InetSocketAddress.createUnresolved("peer.test", 443);
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public @Nullable Principal principal() {
        return principal;
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }
}
