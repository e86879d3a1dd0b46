package io.duplex.client.w3c;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The URL Standard's parser, as far as it concerns URLs with a host ("special" ones): what would be a URL of another kind fails
 * here, as it may not be one of a WebSocket. Of a fragment it is only noted that it is there. Confined to one thread.
 */
final class WebUrlParser {
    private final String input;
    private final @Nullable WebUrl base;
    private final StringBuilder username = new StringBuilder();
    private final StringBuilder password = new StringBuilder();
    private final List<String> path = new ArrayList<>();
    private String scheme = "";
    private String host = "";
    private int port = WebUrl.NO_PORT;
    private @Nullable String query;
    private boolean hasFragment;
    private int at;

    private WebUrlParser(String input, @Nullable WebUrl base) {
        this.input = input;
        this.base = base;
    }

    /**
     * The URL of a WebSocket (WebSockets Standard §3.1).
     *
     * @param base what it is relative to; {@code null} for nothing
     * @throws DomException SyntaxError if it is none
     */
    static WebUrl parseWebSocket(String text, @Nullable WebUrl base) {
        WebUrlParser parser = new WebUrlParser(cleaned(UsvString.of(text)), base);
        WebUrl url = parser.parse();
        if (parser.hasFragment) {
            throw parser.failure("it has a fragment");
        }
        return url.withWebSocketScheme();
    }

    /**
     * A URL to which others are relative. A fragment is left out.
     *
     * @throws DomException SyntaxError if it is none
     */
    static WebUrl parse(String text) {
        return new WebUrlParser(cleaned(UsvString.of(text)), null).parse();
    }

    /** Without control characters and spaces around it, and without tabs and line ends. */
    private static String cleaned(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) <= ' ') {
            from++;
        }
        while (from < to && text.charAt(to - 1) <= ' ') {
            to--;
        }
        return text.substring(from, to).replaceAll("[\t\n\r]", "");
    }

    private WebUrl parse() {
        int colon = schemeEnd();
        if (colon < 0) {
            if (base == null) {
                throw failure("it is relative, and there is nothing that it could be relative to");
            }
            scheme = base.scheme();
            relative(base);
        } else {
            scheme = input.substring(0, colon).toLowerCase(Locale.ROOT);
            if (WebUrl.defaultPort(scheme) == WebUrl.NO_PORT) {
                throw failure("its scheme is not ws, wss, http or https");
            }
            at = colon + 1;
            if (base != null && scheme.equals(base.scheme()) && !input.startsWith("//", at)) {
                relative(base);
            } else {
                authorityAndOn();
            }
        }
        return new WebUrl(scheme, username.toString(), password.toString(), host, port, List.copyOf(path), query);
    }

    /** Where the colon behind the scheme is; -1 if there is no scheme. */
    private int schemeEnd() {
        for (int i = 0; i < input.length(); i++) {
            char c = input.charAt(i);
            boolean isLetter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean isOther = c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.';
            if (c == ':' && i > 0) {
                return i;
            }
            if (!isLetter && !(isOther && i > 0)) {
                return -1;
            }
        }
        return -1;
    }

    private boolean isSlash(int index) {
        return index < input.length() && (input.charAt(index) == '/' || input.charAt(index) == '\\');
    }

    private void relative(WebUrl from) {
        if (isSlash(at) && isSlash(at + 1)) {
            authorityAndOn();
            return;
        }
        username.append(from.username());
        password.append(from.password());
        host = from.host();
        port = from.port();
        if (isSlash(at)) {
            pathAndOn();
            return;
        }
        path.addAll(from.path());
        if (at == input.length() || input.charAt(at) == '#') {
            query = from.query();
            queryAndOn();
        } else if (input.charAt(at) == '?') {
            queryAndOn();
        } else {
            shortenPath();
            pathAndOn();
        }
    }

    private void authorityAndOn() {
        while (isSlash(at)) {
            at++;
        }
        int from = at;
        while (at < input.length() && !isSlash(at) && input.charAt(at) != '?' && input.charAt(at) != '#') {
            at++;
        }
        String authority = input.substring(from, at);
        int sign = authority.lastIndexOf('@');
        if (sign >= 0) {
            credentials(authority.substring(0, sign));
        }
        hostAndPort(authority.substring(sign + 1));
        pathAndOn();
    }

    private void credentials(String text) {
        int colon = text.indexOf(':');
        username.append(PercentCodec.encode(colon < 0 ? text : text.substring(0, colon), PercentCodec.USERINFO));
        password.append(PercentCodec.encode(colon < 0 ? "" : text.substring(colon + 1), PercentCodec.USERINFO));
    }

    private void hostAndPort(String text) {
        int colon = text.indexOf(':', text.startsWith("[") ? Math.max(0, text.indexOf(']')) : 0);
        String name = colon < 0 ? text : text.substring(0, colon);
        String parsed = name.isEmpty() ? null : WebHost.parse(name);
        if (parsed == null) {
            throw failure("its host is not valid");
        }
        host = parsed;
        if (colon >= 0) {
            port = port(text.substring(colon + 1));
        }
    }

    private int port(String digits) {
        int number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            number = 10 * number + c - '0';
            if (c < '0' || c > '9' || number > 0xFFFF) {
                throw failure("its port is not a number up to 65535");
            }
        }
        return digits.isEmpty() || number == WebUrl.defaultPort(scheme) ? WebUrl.NO_PORT : number;
    }

    private void pathAndOn() {
        if (isSlash(at)) {
            at++;
        }
        while (true) {
            StringBuilder segment = new StringBuilder();
            while (at < input.length() && !isSlash(at) && input.charAt(at) != '?' && input.charAt(at) != '#') {
                at = appendAt(segment, PercentCodec.PATH);
            }
            boolean isLast = !isSlash(at);
            addSegment(segment.toString(), isLast);
            if (isLast) {
                break;
            }
            at++;
        }
        queryAndOn();
    }

    private int appendAt(StringBuilder to, String set) {
        int codePoint = input.codePointAt(at);
        PercentCodec.append(to, codePoint, set);
        return at + Character.charCount(codePoint);
    }

    private void addSegment(String segment, boolean isLast) {
        String dots = segment.toLowerCase(Locale.ROOT).replace("%2e", ".");
        if (dots.equals("..")) {
            shortenPath();
        } else if (!dots.equals(".")) {
            path.add(segment);
            return;
        }
        if (isLast) {
            path.add("");
        }
    }

    private void shortenPath() {
        if (!path.isEmpty()) {
            path.remove(path.size() - 1);
        }
    }

    private void queryAndOn() {
        if (at < input.length() && input.charAt(at) == '?') {
            at++;
            StringBuilder encoded = new StringBuilder();
            while (at < input.length() && input.charAt(at) != '#') {
                at = appendAt(encoded, PercentCodec.QUERY);
            }
            query = encoded.toString();
        }
        hasFragment = at < input.length();
    }

    /** Without the URL if it may hold a password: messages end in logs. */
    private DomException failure(String why) {
        String name = input.indexOf('@') < 0 ? "\"" + input + "\"" : "the URL";
        return DomException.syntax(name + " is no WebSocket URL: " + why);
    }
}
