package io.duplex.extension;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code Sec-WebSocket-Extensions} by its grammar (RFC 6455 §9.1). The same field serves both sides.
 *
 * <pre>
 * extension-list  = 1#extension
 * extension       = token *( ";" extension-param )
 * extension-param = token [ "=" ( token | quoted-string ) ]  ; the quoted value, unescaped, is a token too
 * </pre>
 *
 * <p>Spaces and tabs may surround every token and separator, and list elements may be empty, as long as one is not (RFC 2616
 * §2.1).
 */
public final class ExtensionHeader {
    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}";
    private static final int END = -1;

    private final String line;
    private final int lineNumber;
    private int index;

    private ExtensionHeader(String line, int lineNumber) {
        this.line = line;
        this.lineNumber = lineNumber;
    }

    /**
     * Reads all lines of the field, which together are one list. Takes time in proportion to their length.
     *
     * @param fieldValues one a line, in the order received; none if the field is absent
     * @return the elements in the order sent; empty only if the field is absent
     * @throws IllegalArgumentException if the grammar is broken; the message tells where, in words of ours only
     */
    public static List<ExtensionElement> parse(List<String> fieldValues) {
        if (fieldValues.isEmpty()) {
            return List.of();
        }
        List<ExtensionElement> elements = new ArrayList<>();
        int lineNumber = 0;
        for (String fieldValue : fieldValues) {
            lineNumber++;
            new ExtensionHeader(fieldValue, lineNumber).readLine(elements);
        }
        if (elements.isEmpty()) {
            throw new IllegalArgumentException("Sec-WebSocket-Extensions names no extension");
        }
        return List.copyOf(elements);
    }

    private void readLine(List<ExtensionElement> elements) {
        while (true) {
            skipWhitespace();
            int next = peek();
            if (next != ',' && next != END) {
                elements.add(readElement());
                next = peek();
            }
            if (next == END) {
                return;
            }
            if (next != ',') {
                throw fault("expected a comma or a semicolon");
            }
            index++;
        }
    }

    private ExtensionElement readElement() {
        String name = readToken();
        List<ExtensionElement.Parameter> parameters = new ArrayList<>();
        while (skipPast(';')) {
            String parameter = readToken();
            String value = skipPast('=') ? readValue() : null;
            parameters.add(new ExtensionElement.Parameter(parameter, value));
        }
        return new ExtensionElement(name, parameters);
    }

    private @Nullable String readValue() {
        skipWhitespace();
        if (peek() != '"') {
            return readToken();
        }
        index++;
        StringBuilder value = new StringBuilder();
        while (peek() != '"') {
            if (peek() == '\\') {
                index++;
            }
            if (!isTokenCharacter(peek())) {
                throw fault("quoted value is not a token");
            }
            value.append(line.charAt(index++));
        }
        if (value.isEmpty()) {
            throw fault("quoted value is empty");
        }
        index++;
        skipWhitespace();
        return value.toString();
    }

    /** A token and the whitespace around it. */
    private String readToken() {
        skipWhitespace();
        int start = index;
        while (isTokenCharacter(peek())) {
            index++;
        }
        if (index == start) {
            throw fault("expected a token");
        }
        String token = line.substring(start, index);
        skipWhitespace();
        return token;
    }

    private boolean skipPast(char separator) {
        if (peek() != separator) {
            return false;
        }
        index++;
        return true;
    }

    private void skipWhitespace() {
        while (peek() == ' ' || peek() == '\t') {
            index++;
        }
    }

    private int peek() {
        return index < line.length() ? line.charAt(index) : END;
    }

    /** RFC 2616 §2.2: visible ASCII that is no separator. */
    private static boolean isTokenCharacter(int character) {
        return character > ' ' && character < 0x7f && SEPARATORS.indexOf(character) < 0;
    }

    private IllegalArgumentException fault(String what) {
        return new IllegalArgumentException(
                "Sec-WebSocket-Extensions line " + lineNumber + ", index " + index + ": " + what);
    }
}
