package io.duplex.sockjs;

import io.duplex.connection.HttpExchange;
import java.util.regex.Pattern;

/**
 * The cookie {@code JSESSIONID}, by which some balancers keep a client at one server: the value that the client brings, or one
 * that says nothing, for the balancer to replace.
 */
final class StickyCookie {
    private static final String NAME = "JSESSIONID=";
    private static final String FIRST = "dummy";
    private static final Pattern VALUE = Pattern.compile("[\\w.~!:+/@-]{1,256}");

    private StickyCookie() {}

    /** The field Set-Cookie of the answer. Browsers give it back to pages of other sites only over TLS. */
    static String of(HttpExchange exchange) {
        return NAME + value(exchange) + "; Path=/; HttpOnly" + (exchange.isSecure() ? "; Secure; SameSite=None" : "");
    }

    private static String value(HttpExchange exchange) {
        for (String field : exchange.head().fields().all("Cookie")) {
            for (String pair : field.split(";", -1)) {
                String cookie = pair.strip();
                if (cookie.startsWith(NAME)
                        && VALUE.matcher(cookie.substring(NAME.length())).matches()) {
                    return cookie.substring(NAME.length());
                }
            }
        }
        return FIRST;
    }
}
