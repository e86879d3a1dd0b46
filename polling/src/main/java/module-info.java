import org.jspecify.annotations.NullMarked;

/** WebSocket sessions over ordinary HTTP. */
@NullMarked
module io.duplex.polling {
    requires java.net.http;
    requires transitive io.duplex.core;
    requires static transitive org.jspecify;

    exports io.duplex.engineio;
    exports io.duplex.polling;
    exports io.duplex.sockjs;
}
