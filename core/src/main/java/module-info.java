import org.jspecify.annotations.NullMarked;

/** The WebSocket protocol and the words of Duplex's API. */
@NullMarked
@SuppressWarnings("module") // the modules named in qualified exports are built after this one
module io.duplex.core {
    requires static transitive org.jspecify;

    exports io.duplex;
    exports io.duplex.codec;
    exports io.duplex.connection;
    exports io.duplex.extension;
    exports io.duplex.handshake;
    exports io.duplex.protocol;
    exports io.duplex.topic;
    exports io.duplex.frame to
            io.duplex.benchmarks,
            io.duplex.testkit;
    exports io.duplex.message to
            io.duplex.benchmarks,
            io.duplex.legacy,
            io.duplex.polling,
            io.duplex.testkit;
}
