package io.duplex.conformance;

import java.util.Arrays;

/** The order of Autobahn's case ids. */
final class CaseId {
    private CaseId() {}

    /** Compares number by number: {@code 6.4.2} comes before {@code 6.22.1}. */
    static int compare(String one, String other) {
        return Arrays.compare(numbers(one), numbers(other));
    }

    private static int[] numbers(String id) {
        return Arrays.stream(id.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
    }
}
