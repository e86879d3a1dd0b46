import org.jspecify.annotations.NullMarked;

/** What tests of WebSocket programs need. */
@NullMarked
module io.duplex.testkit {
    requires transitive io.duplex.core;
    requires static transitive org.assertj.core;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports io.duplex.testkit;
}
