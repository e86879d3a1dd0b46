package io.duplex.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which tests show which requirements, as the last builds of all modules have written it down. Confined to one thread. */
final class Coverage {
    private final Map<String, SortedMap<String, SortedSet<String>>> testsById = new TreeMap<>();

    private Coverage() {}

    /** Whether every module has a record: without one the picture would be incomplete. */
    static boolean isComplete(Path root, List<String> modules) {
        return modules.stream().allMatch(module -> Files.isDirectory(folder(root, module)));
    }

    /** Reads the records of the modules, which must be complete. */
    static Coverage read(Path root, List<String> modules) throws IOException {
        Coverage coverage = new Coverage();
        for (String module : modules) {
            try (Stream<Path> files = Files.list(folder(root, module))) {
                for (Path file : files.toList()) {
                    Files.readAllLines(file).forEach(coverage::add);
                }
            }
        }
        return coverage;
    }

    private static Path folder(Path root, String module) {
        return root.resolve(module).resolve("target").resolve("covered");
    }

    private void add(String line) {
        String[] words = line.split("\t", -1);
        if (!words[1].equals("passed")) {
            return;
        }
        String name = words[0].replaceFirst("^io\\.duplex\\.", "");
        int hash = name.indexOf('#');
        String type = (hash < 0 ? name : name.substring(0, hash)).replace('$', '.');
        for (String id : words[2].split(" ", -1)) {
            SortedSet<String> methods = testsById
                    .computeIfAbsent(id, unseen -> new TreeMap<>())
                    .computeIfAbsent(type, unseen -> new TreeSet<>());
            if (hash >= 0) {
                methods.add(name.substring(hash + 1));
            }
        }
    }

    /** All ids that tests name. */
    SortedSet<String> ids() {
        return new TreeSet<>(testsById.keySet());
    }

    /** Whether a test shows the requirement. */
    boolean shows(String id) {
        return testsById.containsKey(id);
    }

    /** The methods that show a requirement, by class; none where the whole class does. */
    SortedMap<String, SortedSet<String>> tests(String id) {
        return testsById.getOrDefault(id, new TreeMap<>());
    }
}
