package io.duplex.legacy;

/** What clients spoke before RFC 6455. */
public enum LegacyVersion {
    /** draft-hixie-thewebsocketprotocol-75: text between two octets, no key, no closing handshake. Chrome 4, Safari 5.0.0. */
    HIXIE_75("hixie-75"),
    /**
     * draft-hixie-thewebsocketprotocol-76, the same as draft-ietf-hybi-thewebsocketprotocol-00: the framing of
     * {@link #HIXIE_75} with a closing handshake, and two keys in the opening one. Chrome 6, Safari 5.0.1, Firefox 4, Opera 11.
     */
    HIXIE_76("hixie-76"),
    /** draft-ietf-hybi-thewebsocketprotocol-07, version 7: RFC 6455 but for the name of the origin's field. Firefox 6. */
    HYBI_07("hybi-07"),
    /** draft-ietf-hybi-thewebsocketprotocol-08 to -12, version 8: as {@link #HYBI_07}. Chrome 14, Firefox 7. */
    HYBI_08("hybi-08");

    private final String label;

    LegacyVersion(String label) {
        this.label = label;
    }

    /**
     * The version of that name.
     *
     * @param label such as {@code hixie-76}
     * @throws IllegalArgumentException if there is none
     */
    public static LegacyVersion parse(String label) {
        for (LegacyVersion version : values()) {
            if (version.label.equals(label)) {
                return version;
            }
        }
        throw new IllegalArgumentException(
                "\"" + label + "\" is no legacy version: hixie-75, hixie-76, hybi-07 or hybi-08");
    }

    /** The name, such as {@code hixie-76}. */
    @Override
    public String toString() {
        return label;
    }
}
