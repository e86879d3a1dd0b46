import org.jspecify.annotations.NullMarked;

/** Typed messages as JSON, by Jackson. */
@NullMarked
module io.duplex.jackson {
    requires transitive io.duplex.core;
    requires transitive tools.jackson.databind;
    requires static transitive org.jspecify;

    exports io.duplex.jackson;
}
