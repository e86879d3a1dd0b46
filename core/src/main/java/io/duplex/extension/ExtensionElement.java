package io.duplex.extension;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One element of a {@code Sec-WebSocket-Extensions} list (RFC 6455 §9.1): an offer in a request, an answer in a response.
 * Thread-safe.
 *
 * @param name the extension token, as sent; compared exactly
 * @param parameters in the order sent, duplicates included; unmodifiable
 */
public record ExtensionElement(String name, List<Parameter> parameters) {
    /** Copies the list. */
    public ExtensionElement {
        parameters = List.copyOf(parameters);
    }

    /** As it stands in the field: values are tokens, and so need no quotes. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        for (Parameter parameter : parameters) {
            text.append("; ").append(parameter.name());
            if (parameter.value() != null) {
                text.append('=').append(parameter.value());
            }
        }
        return text.toString();
    }

    /**
     * A parameter of an extension. Thread-safe.
     *
     * @param name the token before the equals sign, as sent
     * @param value the token after it, unquoted and unescaped; {@code null} if there is no equals sign
     */
    public record Parameter(String name, @Nullable String value) {}
}
