import org.jspecify.annotations.NullMarked;

/** A server of Socket.IO's protocol, version 5. */
@NullMarked
module io.duplex.socketio {
    requires transitive io.duplex.core;
    requires transitive tools.jackson.databind;
    requires static transitive org.jspecify;

    exports io.duplex.socketio;
}
