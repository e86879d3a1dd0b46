package com.example.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.chat.endpoint.ChatEndpoint;
import com.example.chat.handler.ChatHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/** A member whose connection breaks while others talk costs them nothing. */
class LeavingMemberTest {
    private static final int MEMBERS = 5;
    private static final int LEAVING = 2;

    private final List<List<String>> heard = new ArrayList<>();
    private boolean left;

    @Test
    void theOthersOfTheEndpointHearAll() {
        List<ChatEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            ChatEndpoint endpoint = new ChatEndpoint();
            endpoint.onOpen(session(i));
            endpoints.add(endpoint);
        }
        left = true;
        endpoints.get(0).onMessage("hello", session(0));
        endpoints.get(LEAVING).onClose();
        requireThatOthersHeard("hello");
        endpoints.forEach(ChatEndpoint::onClose);
        assertThat(ChatEndpoint.getOnlineCount()).isZero();
    }

    @Test
    void theOthersOfTheHandlerHearAll() throws Exception {
        ChatHandler handler = new ChatHandler();
        List<WebSocketSession> sessions = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            sessions.add(springSession(i));
            handler.afterConnectionEstablished(sessions.get(i));
        }
        left = true;
        handler.handleMessage(sessions.get(0), new TextMessage("hello"));
        handler.afterConnectionClosed(sessions.get(LEAVING), CloseStatus.NO_CLOSE_FRAME);
        requireThatOthersHeard("hello");
    }

    private void requireThatOthersHeard(String message) {
        for (int i = 0; i < MEMBERS; i++) {
            if (i != LEAVING) {
                assertThat(heard.get(i))
                        .as("what member %s heard", i)
                        .endsWith(message, "Somebody has left. Users online: " + (MEMBERS - 1));
            }
        }
    }

    private Session session(int member) {
        heard.add(new ArrayList<>());
        RemoteEndpoint.Async remote = fake(RemoteEndpoint.Async.class, (proxy, method, arguments) -> {
            heard.get(member).add((String) arguments[0]);
            return null;
        });
        return fake(Session.class, (proxy, method, arguments) -> {
            if (left && member == LEAVING) {
                throw new IllegalStateException("the session is closed");
            }
            return remote;
        });
    }

    private WebSocketSession springSession(int member) {
        heard.add(new ArrayList<>());
        return fake(WebSocketSession.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getId" -> String.valueOf(member);
            case "isOpen" -> true;
            case "sendMessage" -> {
                if (left && member == LEAVING) {
                    throw new IOException("broken pipe");
                }
                heard.get(member).add(((TextMessage) arguments[0]).getPayload());
                yield null;
            }
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler behaviour) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, behaviour));
    }
}
