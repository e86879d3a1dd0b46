import org.jspecify.annotations.NullMarked;

/** The duplex command. */
@NullMarked
@SuppressWarnings("requires-automatic") // HdrHistogram has no module descriptor
module io.duplex.cli {
    requires com.fasterxml.jackson.core;
    requires HdrHistogram;
    requires info.picocli;
    requires io.duplex.legacy;
    requires io.duplex.netty;
    requires io.duplex.polling;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires java.logging;
    requires java.management;
    requires java.net.http;
    requires static org.jspecify;

    opens io.duplex.cli to
            info.picocli;
}
