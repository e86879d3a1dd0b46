package io.duplex.examples;

import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;

/** Ways of sending to a peer that may be slow. */
final class Sending {
    private Sending() {}

    // tag::rows
    static final class Export implements WebSocketHandler {
        private final Iterator<String> rows;

        Export(Iterator<String> rows) {
            this.rows = rows;
        }

        @Override
        public void onOpen(WebSocket socket) {
            sendOn(socket);
        }

        @Override
        public void onDrain(WebSocket socket) {
            sendOn(socket);
        }

        /** As much as the peer keeps up with; onDrain tells when to go on. */
        private void sendOn(WebSocket socket) {
            while (rows.hasNext()) {
                if (socket.send(rows.next()) != SendStatus.SENT) {
                    return;
                }
            }
            socket.close();
        }
    }
    // end::rows

    static Limits limits() {
        // tag::policy
        return Limits.builder()
                .maxQueueBytes(1 << 20)
                .sendPolicy(SendPolicy.dropOldest())
                .build();
        // end::policy
    }

    static void position(WebSocket socket, String player, String json) {
        // tag::latest
        socket.sendLatest("position of " + player, json); // replaces the last one of this player, if that still waits
        // end::latest
    }

    static CompletableFuture<Void> report(WebSocket socket, String report) {
        // tag::async
        return socket.sendAsync(report).thenRun(() -> System.out.println("the network has it"));
        // end::async
    }
}
