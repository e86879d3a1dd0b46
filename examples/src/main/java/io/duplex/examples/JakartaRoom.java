package io.duplex.examples;

import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;

// tag::endpoint
/** A room, whose members see what any of them says. */
@ServerEndpoint("/room/{name}")
public final class JakartaRoom {
    /** One says something. */
    @OnMessage
    public void said(String text, Session session, @PathParam("name") String room) {
        for (Session member : session.getOpenSessions()) {
            if (room.equals(member.getPathParameters().get("name"))) {
                member.getAsyncRemote().sendText(text);
            }
        }
    }
}
// end::endpoint
