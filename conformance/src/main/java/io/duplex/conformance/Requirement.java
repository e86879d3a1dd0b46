package io.duplex.conformance;

/**
 * One requirement of a standard. Immutable and thread-safe.
 *
 * @param id such as {@code WS-5.4-6}
 * @param section the heading it stands under
 * @param level {@code MUST}, {@code SHOULD} and so on as in the standard; {@code POLICY}: the standard leaves it open, and this
 *     is what we decided; {@code NOTE}: an example or remark
 * @param role {@code C} client, {@code S} server, {@code B} both, or {@code proxy}
 * @param text what it says, shortened
 */
record Requirement(String id, String section, String level, String role, String text) {
    /** Whether an implementation without it must say why. */
    boolean isBinding() {
        return level.startsWith("MUST") || level.startsWith("SHOULD");
    }
}
