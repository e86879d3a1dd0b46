package com.example.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.chat.stomp.ChatController;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessageType;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.messaging.SessionConnectEvent;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;

/** A browser whose WebSocket opened too late for SockJS leaves a session behind that never connected. */
class LeftSessionTest {
    private final List<String> told = new ArrayList<>();
    private final MessageChannel channel = (message, timeout) -> told.add((String) message.getPayload());
    private final ChatController chat = new ChatController(new SimpMessagingTemplate(channel));

    @Test
    void itsEndIsNobodysLeaving() {
        chat.connected(new SessionConnectEvent(this, message("one")));
        chat.connected(new SessionConnectEvent(this, message("two")));
        chat.disconnected(new SessionDisconnectEvent(this, message("late"), "late", CloseStatus.SERVER_ERROR));
        assertThat(told).isEmpty();
        chat.disconnected(new SessionDisconnectEvent(this, message("two"), "two", CloseStatus.NORMAL));
        assertThat(told).containsExactly("Somebody has left. Users online: 1");
    }

    private static Message<byte[]> message(String session) {
        SimpMessageHeaderAccessor accessor = SimpMessageHeaderAccessor.create(SimpMessageType.OTHER);
        accessor.setSessionId(session);
        return MessageBuilder.createMessage(new byte[0], accessor.getMessageHeaders());
    }
}
