import org.jspecify.annotations.NullMarked;

/** The duplex command. */
@NullMarked
module io.duplex.cli {
    requires info.picocli;
    requires io.duplex.netty;
    requires static org.jspecify;

    opens io.duplex.cli to
            info.picocli;
}
