package io.duplex.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands at which path. Immutable and thread-safe.
 *
 * @param <T> what stands there
 */
final class Routes<T> {
    private final Map<String, T> exact = new HashMap<>();
    private final List<Map.Entry<PathTemplate, T>> templates;

    Routes(SortedMap<PathTemplate, T> routes) {
        templates = new ArrayList<>();
        routes.forEach((template, target) -> {
            if (template.isExact()) {
                exact.put(template.toString(), target);
            } else {
                templates.add(Map.entry(template, target));
            }
        });
    }

    /** What stands at {@code path}, as sent; {@code null} if nothing does. */
    @Nullable Match<T> find(String path) {
        T target = exact.get(path);
        if (target != null) {
            return new Match<>(target, Map.of());
        }
        for (Map.Entry<PathTemplate, T> entry : templates) {
            Map<String, String> parameters = entry.getKey().match(path);
            if (parameters != null) {
                return new Match<>(entry.getValue(), parameters);
            }
        }
        return null;
    }

    /**
     * What was found.
     *
     * @param parameters decoded, by name
     */
    record Match<T>(T target, Map<String, String> parameters) {}
}
