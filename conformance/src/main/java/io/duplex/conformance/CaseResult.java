package io.duplex.conformance;

/**
 * What the Autobahn suite says of one case. Immutable and thread-safe.
 *
 * @param id such as {@code 6.4.2}
 * @param behavior {@code OK}, {@code NON-STRICT}, {@code INFORMATIONAL}, {@code UNIMPLEMENTED} or {@code FAILED}
 * @param close the verdict on the closing handshake: {@code OK}, {@code INFORMATIONAL}, {@code WRONG CODE}, {@code UNCLEAN},
 *     {@code FAILED BY CLIENT} or {@code FAILED}
 * @param closeCode the code of our Close frame; {@code None} without one
 */
record CaseResult(String id, String behavior, String close, String closeCode) implements Comparable<CaseResult> {
    /** Whether the case did what it should, in all respects. */
    boolean isOk() {
        return behavior.equals("OK") && close.equals("OK");
    }

    /** Whether the case looks at what the standard leaves open, and found the closing handshake in order. */
    boolean isInformational() {
        return behavior.equals("INFORMATIONAL") && (close.equals("OK") || close.equals("INFORMATIONAL"));
    }

    /** Whether running it again may help: it is neither right nor a matter of taste. */
    boolean isBad() {
        return !isOk() && !isInformational();
    }

    /** By the numbers of the id. */
    @Override
    public int compareTo(CaseResult other) {
        return CaseId.compare(id, other.id);
    }

    @Override
    public String toString() {
        return id + " " + behavior + ", close " + close + " (code " + closeCode + ")";
    }
}
