package io.duplex.sockjs;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What stands at a path below the base.
 *
 * @param kind what it is
 * @param session the id of the session, which the client has chosen; {@code null} where there is none
 */
record Endpoint(Kind kind, @Nullable String session) {
    /** What may stand at a path, and the method that it takes besides OPTIONS and HEAD. */
    enum Kind {
        WELCOME("GET"),
        INFO("GET"),
        IFRAME("GET"),
        RAW_WEBSOCKET("GET"),
        WEBSOCKET("GET"),
        XHR("POST"),
        XHR_STREAMING("POST"),
        XHR_SEND("POST"),
        EVENTSOURCE("GET"),
        HTMLFILE("GET"),
        JSONP("GET"),
        JSONP_SEND("POST");

        private final String method;

        Kind(String method) {
            this.method = method;
        }

        String method() {
            return method;
        }

        /** Whether a request of this method is answered as by {@link #method}: HEAD is, where GET opens nothing. */
        boolean takes(String asked) {
            return asked.equals(method) || asked.equals("HEAD") && isPage();
        }

        private boolean isPage() {
            return this == WELCOME || this == INFO || this == IFRAME;
        }

        /** The methods that are answered, for the field Allow. */
        String allowed() {
            return (isCrossOrigin() ? "OPTIONS, " : "") + method + (isPage() ? ", HEAD" : "");
        }

        /** Whether preflights are answered. */
        boolean isCrossOrigin() {
            return this == INFO || this == XHR || this == XHR_STREAMING || this == XHR_SEND;
        }
    }

    private static final Pattern IFRAME_PAGE = Pattern.compile("/iframe[0-9a-z._-]*\\.html");
    private static final Pattern OF_SESSION = Pattern.compile("/[^/.]+/([^/.]+)/([a-z_]+)");

    /** What stands at {@code path}, which begins behind the base; {@code null} if nothing does. */
    static @Nullable Endpoint of(String path) {
        switch (path) {
            case "", "/" -> {
                return new Endpoint(Kind.WELCOME, null);
            }
            case "/info" -> {
                return new Endpoint(Kind.INFO, null);
            }
            case "/websocket" -> {
                return new Endpoint(Kind.RAW_WEBSOCKET, null);
            }
            default -> {
                return IFRAME_PAGE.matcher(path).matches() ? new Endpoint(Kind.IFRAME, null) : ofSession(path);
            }
        }
    }

    private static @Nullable Endpoint ofSession(String path) {
        Matcher parts = OF_SESSION.matcher(path);
        if (!parts.matches()) {
            return null;
        }
        Kind kind = switch (parts.group(2)) {
            case "websocket" -> Kind.WEBSOCKET;
            case "xhr" -> Kind.XHR;
            case "xhr_streaming" -> Kind.XHR_STREAMING;
            case "xhr_send" -> Kind.XHR_SEND;
            case "eventsource" -> Kind.EVENTSOURCE;
            case "htmlfile" -> Kind.HTMLFILE;
            case "jsonp" -> Kind.JSONP;
            case "jsonp_send" -> Kind.JSONP_SEND;
            default -> null;
        };
        return kind == null ? null : new Endpoint(kind, parts.group(1));
    }
}
