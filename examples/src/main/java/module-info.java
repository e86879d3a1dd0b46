import org.jspecify.annotations.NullMarked;

/** Example programs, which the documentation quotes. */
@NullMarked
module io.duplex.examples {
    requires io.duplex.jackson;
    requires io.duplex.jakarta;
    requires io.duplex.legacy;
    requires io.duplex.netty;
    requires io.duplex.polling;
    requires io.duplex.socketio;
    requires java.net.http;
    requires jdk.httpserver;
    requires static org.jspecify;

    opens io.duplex.examples to
            io.duplex.jakarta,
            tools.jackson.databind;
}
