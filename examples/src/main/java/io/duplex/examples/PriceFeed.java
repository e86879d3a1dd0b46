package io.duplex.examples;

import io.duplex.SendPolicy;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;

/** Topics with policies of their own. */
final class PriceFeed {
    private PriceFeed() {}

    // tag::handler
    static final class Trader implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe("orders");
            socket.subscribePattern("prices.*"); // prices.btc, prices.eth; "prices.>" takes prices.btc.eur too
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.broadcastText("orders", utf8); // to all members, this socket too; publishText leaves it out
        }

        @Override
        public void onDropped(WebSocket socket, long messages) {
            System.out.println(socket.handshake().remoteAddress() + " is slow: " + messages + " left out");
        }
    }
    // end::handler

    static WebSocketServer start() {
        // tag::server
        WebSocketServer server = WebSocketServer.builder()
                .topic("prices.*", SendPolicy.latestOnly())
                .topic("log", SendPolicy.dropOldest().upTo(256 << 10))
                .topic("orders", SendPolicy.close())
                .route("/trade", handshake -> new Trader())
                .start();
        // end::server
        return server;
    }

    static void tick(WebSocketServer server, String symbol, String price) {
        // tag::publish
        server.publish("prices." + symbol, price);
        // end::publish
    }
}
