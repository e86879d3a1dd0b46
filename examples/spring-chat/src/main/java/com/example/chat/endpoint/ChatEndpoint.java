package com.example.chat.endpoint;

import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.util.concurrent.CopyOnWriteArraySet;
import org.springframework.stereotype.Component;

/** One object a connection: the container makes them, so what they share is static. */
@Component
@ServerEndpoint("/websocket")
public class ChatEndpoint {
    private static int onlineCount;

    private static final CopyOnWriteArraySet<ChatEndpoint> ENDPOINTS = new CopyOnWriteArraySet<>();

    private Session session;

    @OnOpen
    public void onOpen(Session session) {
        this.session = session;
        ENDPOINTS.add(this);
        addOnlineCount(1);
        sendMessage("Welcome! Users online: " + getOnlineCount());
    }

    @OnClose
    public void onClose() {
        if (ENDPOINTS.remove(this)) {
            addOnlineCount(-1);
            broadcast("Somebody has left. Users online: " + getOnlineCount());
        }
    }

    @OnMessage
    public void onMessage(String message, Session session) {
        broadcast(message);
    }

    @OnError
    public void onError(Session session, Throwable error) {
        System.err.println("session " + session.getId() + ": " + error);
    }

    private static void broadcast(String message) {
        for (ChatEndpoint endpoint : ENDPOINTS) {
            try {
                endpoint.sendMessage(message);
            } catch (IllegalStateException e) {
                System.err.println("somebody is leaving: " + e.getMessage());
            }
        }
    }

    public void sendMessage(String message) {
        session.getAsyncRemote().sendText(message);
    }

    public static synchronized int getOnlineCount() {
        return onlineCount;
    }

    private static synchronized void addOnlineCount(int change) {
        onlineCount += change;
    }
}
