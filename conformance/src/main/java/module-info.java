import org.jspecify.annotations.NullMarked;

/** Runners of foreign test suites against Duplex. */
@NullMarked
module io.duplex.conformance {
    requires io.duplex.core;
    requires io.duplex.netty;
    requires io.netty.common;
    requires java.logging;
    requires java.management;
    requires jdk.management;
    requires static org.jspecify;
}
