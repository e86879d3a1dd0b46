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
    requires java.logging;
    requires static org.jspecify;

    opens io.duplex.cli to
            info.picocli;
}
