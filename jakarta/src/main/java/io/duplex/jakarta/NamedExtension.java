package io.duplex.jakarta;

import io.duplex.extension.ExtensionElement;
import io.duplex.extension.ExtensionHeader;
import jakarta.websocket.Extension;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An extension in Jakarta's words. Immutable and thread-safe.
 *
 * @param name the token
 * @param parameters in order
 */
record NamedExtension(String name, List<Extension.Parameter> parameters) implements Extension {
    /** The one that is implemented (RFC 7692). */
    static final NamedExtension PERMESSAGE_DEFLATE = new NamedExtension("permessage-deflate", List.of());

    private record NamedParameter(String name, @Nullable String value) implements Extension.Parameter {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public @Nullable String getValue() {
            return value;
        }
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public List<Extension.Parameter> getParameters() {
        return parameters;
    }

    /** Reads the field; an empty list if its grammar is broken, which is for the handshake to find. */
    static List<Extension> parse(List<String> fieldValues) {
        List<ExtensionElement> elements;
        try {
            elements = ExtensionHeader.parse(fieldValues);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
        List<Extension> extensions = new ArrayList<>();
        for (ExtensionElement element : elements) {
            List<Extension.Parameter> parameters = new ArrayList<>();
            element.parameters().forEach(p -> parameters.add(new NamedParameter(p.name(), p.value())));
            extensions.add(new NamedExtension(element.name(), List.copyOf(parameters)));
        }
        return extensions;
    }

    /** The same in core's words. */
    static ExtensionElement element(Extension extension) {
        List<ExtensionElement.Parameter> parameters = new ArrayList<>();
        for (Extension.Parameter parameter : extension.getParameters()) {
            parameters.add(new ExtensionElement.Parameter(parameter.getName(), parameter.getValue()));
        }
        return new ExtensionElement(extension.getName(), parameters);
    }

    static boolean isPermessageDeflate(Extension extension) {
        return extension.getName().equals(PERMESSAGE_DEFLATE.name);
    }
}
