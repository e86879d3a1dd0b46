package io.duplex.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Controller;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.standard.ServerEndpointExporter;

/** An application with one of each that Spring can do with WebSocket. */
@SpringBootApplication
class TestApplication {
    @Bean
    ServerEndpointExporter serverEndpointExporter() {
        return new ServerEndpointExporter();
    }

    /** What an endpoint depends on. */
    @Service
    public static class Greetings {
        String greet(String name) {
            return "hello " + name;
        }
    }

    /** A Jakarta endpoint that is a bean. */
    @Component
    @ServerEndpoint("/greet/{name}")
    public static class GreetingEndpoint {
        private final Greetings greetings;

        public GreetingEndpoint(Greetings greetings) {
            this.greetings = greetings;
        }

        @OnOpen
        public void onOpen(Session session, @PathParam("name") String name) throws IOException {
            Principal user = session.getUserPrincipal();
            session.getBasicRemote().sendText(greetings.greet(user == null ? name : user.getName()));
        }

        @OnMessage
        public String onMessage(String message) {
            return greetings.greet(message) + " in " + Thread.currentThread().getName();
        }
    }

    /** Tells how long a message was. */
    @Component
    @ServerEndpoint("/length")
    public static class LengthEndpoint {
        @OnMessage
        public int onMessage(String message) {
            return message.length();
        }
    }

    /** Tells which thread it runs on. */
    @Component
    @ServerEndpoint("/thread")
    public static class ThreadEndpoint {
        @OnMessage
        public String onMessage(String message) {
            return Thread.currentThread().toString();
        }
    }

    /** Begins and ends HTTP sessions. */
    @RestController
    static class Sessions {
        @GetMapping("/begin")
        String begin(HttpSession session) {
            return session.getId();
        }

        @GetMapping("/login")
        String login(HttpServletRequest request) {
            return request.changeSessionId();
        }

        @GetMapping("/logout")
        String logout(HttpSession session) {
            session.invalidate();
            return "bye";
        }
    }

    /** Who is in X-User is the user. */
    @Component
    static class UserFilter extends OncePerRequestFilter {
        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            String user = request.getHeader("X-User");
            chain.doFilter(user == null ? request : new RequestOf(user, request), response);
        }
    }

    private static final class RequestOf extends HttpServletRequestWrapper {
        private final String user;

        RequestOf(String user, HttpServletRequest request) {
            super(request);
            this.user = user;
        }

        @Override
        public Principal getUserPrincipal() {
            return () -> user;
        }
    }

    /** A handler of Spring's. */
    @Component
    static class EchoHandler extends TextWebSocketHandler implements SubProtocolCapable {
        final BlockingQueue<WebSocketSession> sessions = new LinkedBlockingQueue<>();

        @Override
        public List<String> getSubProtocols() {
            return List.of("echo.v1");
        }

        @Override
        public void afterConnectionEstablished(WebSocketSession session) {
            sessions.add(session);
        }

        @Override
        protected void handleTextMessage(WebSocketSession session, TextMessage message) throws IOException {
            session.sendMessage(message);
        }
    }

    @Component
    @EnableWebSocket
    static class Handlers implements WebSocketConfigurer {
        private final EchoHandler echo;

        Handlers(EchoHandler echo) {
            this.echo = echo;
        }

        @Override
        public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
            registry.addHandler(echo, "/echo");
            registry.addHandler(echo, "/sockjs").withSockJS();
        }
    }

    @Component
    @EnableWebSocketMessageBroker
    static class Broker implements WebSocketMessageBrokerConfigurer {
        @Override
        public void configureMessageBroker(MessageBrokerRegistry registry) {
            registry.enableSimpleBroker("/topic");
            registry.setApplicationDestinationPrefixes("/app");
        }

        @Override
        public void registerStompEndpoints(StompEndpointRegistry registry) {
            registry.addEndpoint("/stomp");
        }
    }

    @Controller
    static class Shouting {
        @MessageMapping("/shout")
        @SendTo("/topic/shouts")
        String shout(String message) {
            return message.toUpperCase(Locale.ROOT);
        }
    }
}
