package io.duplex.client;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The proxies in environment variables. */
final class EnvironmentProxies {
    private EnvironmentProxies() {}

    static ProxyChoice of(Map<String, String> variables) {
        Proxy all = proxy(variables, "all_proxy", true);
        Proxy secure = proxy(variables, "https_proxy", true);
        // Not in upper case: a web server's CGI has the client's Proxy header field there ("httpoxy").
        Proxy plain = proxy(variables, "http_proxy", false);
        Proxy forSecure = secure == null ? all : secure;
        Proxy forPlain = plain == null ? all : plain;
        ProxyChoice choice = uri -> uri.isSecure() ? forSecure : forPlain;
        String exceptions = value(variables, "no_proxy", true);
        try {
            return exceptions == null
                    ? choice
                    : choice.except(exceptions.strip().split("[,\\s]+", -1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no_proxy in the environment: " + e.getMessage(), e);
        }
    }

    private static @Nullable Proxy proxy(Map<String, String> variables, String name, boolean anyCase) {
        String value = value(variables, name, anyCase);
        try {
            return value == null ? null : Proxy.parse(value.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " in the environment is no proxy: " + e.getMessage(), e);
        }
    }

    private static @Nullable String value(Map<String, String> variables, String name, boolean anyCase) {
        String value = variables.get(name);
        if (value == null && anyCase) {
            value = variables.get(name.toUpperCase(Locale.ROOT));
        }
        return value == null || value.isBlank() ? null : value;
    }
}
