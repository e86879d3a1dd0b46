package com.example.chat.stomp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.event.EventListener;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.messaging.SessionConnectEvent;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;

@Controller
public class ChatController {
    /** A session that SockJS opened, and left for another, has not connected. */
    private final Set<String> online = ConcurrentHashMap.newKeySet();

    private final SimpMessagingTemplate messages;

    public ChatController(SimpMessagingTemplate messages) {
        this.messages = messages;
    }

    @SubscribeMapping("/welcome")
    public String welcome() {
        return "Welcome! Users online: " + online.size();
    }

    @MessageMapping("/say")
    @SendTo("/topic/chat")
    public String say(String message) {
        return message;
    }

    @EventListener
    public void connected(SessionConnectEvent event) {
        online.add(SimpMessageHeaderAccessor.getSessionId(event.getMessage().getHeaders()));
    }

    @EventListener
    public void disconnected(SessionDisconnectEvent event) {
        if (online.remove(event.getSessionId())) {
            messages.convertAndSend("/topic/chat", "Somebody has left. Users online: " + online.size());
        }
    }
}
