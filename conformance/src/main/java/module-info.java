import org.jspecify.annotations.NullMarked;

/** Runners of foreign test suites against Duplex. */
@NullMarked
module io.duplex.conformance {
    requires io.duplex.core;
    requires io.duplex.netty;
    requires static org.jspecify;
}
