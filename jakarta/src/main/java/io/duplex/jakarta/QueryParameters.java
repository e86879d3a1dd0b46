package io.duplex.jakarta;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, as HTML forms write them. */
final class QueryParameters {
    private QueryParameters() {}

    /** Reads a query; what is not valid percent-encoding is left out. */
    static Map<String, List<String>> parse(@Nullable String query) {
        if (query == null || query.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            if (!pair.isEmpty()) {
                add(parameters, name, value);
            }
        }
        parameters.replaceAll((name, values) -> Collections.unmodifiableList(values));
        return Collections.unmodifiableMap(parameters);
    }

    private static void add(Map<String, List<String>> parameters, String name, String value) {
        String decodedName;
        String decodedValue;
        try {
            decodedName = URLDecoder.decode(name, StandardCharsets.UTF_8);
            decodedValue = URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return;
        }
        parameters.computeIfAbsent(decodedName, n -> new ArrayList<>()).add(decodedValue);
    }
}
