import org.jspecify.annotations.NullMarked;

/** Openings and framing from before RFC 6455. */
@NullMarked
module io.duplex.legacy {
    requires transitive io.duplex.core;
    requires static transitive org.jspecify;

    exports io.duplex.legacy;
}
