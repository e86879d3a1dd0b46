package io.duplex.examples;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;

// tag::handler
final class ChatHandler implements WebSocketHandler {
    private final String room;

    ChatHandler(Handshake handshake) {
        this.room = handshake.pathParameter("room");
    }

    @Override
    public void onOpen(WebSocket socket) {
        socket.subscribe(room);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        socket.publish(room, text);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        System.out.println("left " + room + ": " + outcome.status() + ", " + outcome.detail());
    }
}
// end::handler
