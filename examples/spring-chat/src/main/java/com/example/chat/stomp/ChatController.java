package com.example.chat.stomp;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.event.EventListener;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.messaging.SessionConnectEvent;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;

@Controller
public class ChatController {
    private final AtomicInteger online = new AtomicInteger();
    private final SimpMessagingTemplate messages;

    public ChatController(SimpMessagingTemplate messages) {
        this.messages = messages;
    }

    @SubscribeMapping("/welcome")
    public String welcome() {
        return "Welcome! Users online: " + online.get();
    }

    @MessageMapping("/say")
    @SendTo("/topic/chat")
    public String say(String message) {
        return message;
    }

    @EventListener
    public void connected(SessionConnectEvent event) {
        online.incrementAndGet();
    }

    @EventListener
    public void disconnected(SessionDisconnectEvent event) {
        messages.convertAndSend("/topic/chat", "Somebody has left. Users online: " + online.decrementAndGet());
    }
}
