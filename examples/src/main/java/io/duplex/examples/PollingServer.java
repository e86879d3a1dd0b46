package io.duplex.examples;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.Polling;
import io.duplex.polling.Via;
import io.duplex.server.WebSocketServer;
import java.time.Duration;

/** One handler for clients with WebSocket and without. */
final class PollingServer {
    private PollingServer() {}

    static WebSocketServer server() {
        // tag::server
        return WebSocketServer.builder()
                .port(8080)
                .route("/news", NewsHandler::new)
                .service("/news/**", Polling.of(NewsHandler::new))
                .start();
        // end::server
    }

    static Polling options() {
        // tag::options
        return Polling.builder(NewsHandler::new)
                .via(Via.LONG, Via.WEBSOCKET)
                .subprotocols("news.v2")
                .holdTime(Duration.ofSeconds(20))
                .expiry(Duration.ofMinutes(2))
                .build();
        // end::options
    }

    private static final class NewsHandler implements WebSocketHandler {
        private final String topic;

        NewsHandler(Handshake handshake) {
            String asked = handshake.queryParameter("topic");
            this.topic = asked == null ? "all" : asked;
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(topic);
        }
    }
}
