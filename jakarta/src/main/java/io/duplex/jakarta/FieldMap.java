package io.duplex.jakarta;

import io.duplex.handshake.HeaderFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Header fields as Jakarta's maps have them: by name, whose case does not matter. */
final class FieldMap {
    private static final Set<String> RESERVED =
            Set.of("host", "connection", "upgrade", "content-length", "transfer-encoding");

    private FieldMap() {}

    static Map<String, List<String>> mutable() {
        return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    }

    /** A copy that cannot be changed. */
    static Map<String, List<String>> of(HeaderFields fields) {
        Map<String, List<String>> map = mutable();
        for (int line = 0; line < fields.size(); line++) {
            map.computeIfAbsent(fields.name(line), name -> new ArrayList<>()).add(fields.value(line));
        }
        map.replaceAll((name, values) -> Collections.unmodifiableList(values));
        return Collections.unmodifiableMap(map);
    }

    /**
     * The fields of a map that an application may have changed, but for those that the handshake decides.
     *
     * @throws IllegalArgumentException if a name or a value has a character that it may not have
     */
    static HeaderFields free(Map<String, List<String>> map) {
        HeaderFields.Builder fields = HeaderFields.builder();
        map.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!RESERVED.contains(lower) && !lower.startsWith("sec-websocket-")) {
                values.forEach(value -> fields.add(name, value));
            }
        });
        return fields.build();
    }
}
