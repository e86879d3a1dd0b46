package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.jakarta.TestServer.Peer;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a session, over real sockets (Jakarta WebSocket §2). */
class SessionIT {
    static final BlockingQueue<String> LOG = new LinkedBlockingQueue<>();

    @BeforeEach
    void clear() {
        LOG.clear();
    }

    private static String logged() throws InterruptedException {
        String line = LOG.poll(30, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing was logged");
        }
        return line;
    }

    /** Logs its life, and does what it is told. */
    @ServerEndpoint("/life")
    public static class Life {
        @OnOpen
        public void open(Session session) {
            LOG.add("open");
        }

        @OnMessage
        public String told(String what, Session session) throws IOException {
            switch (what) {
                case "close" -> session.close(new CloseReason(CloseCodes.getCloseCode(4321), "told to"));
                case "count" -> {
                    return String.valueOf(session.getOpenSessions().size());
                }
                case "everybody" -> {
                    for (Session each : session.getOpenSessions()) {
                        each.getBasicRemote().sendText("hello");
                    }
                }
                default -> throw new IllegalStateException(what);
            }
            return null;
        }

        @OnError
        public void failed(Throwable fault) {
            LOG.add("error " + fault.getMessage());
        }

        @OnClose
        public void close(Session session, CloseReason reason) {
            LOG.add("close " + reason.getCloseCode().getCode() + " " + reason.getReasonPhrase() + " "
                    + session.isOpen());
        }
    }

    /** Fails when it is opened. */
    @ServerEndpoint("/stillborn")
    public static class Stillborn {
        @OnOpen
        public void open() {
            throw new IllegalStateException("not today");
        }

        @OnError
        public void failed(Throwable fault) {
            LOG.add("error " + fault.getMessage());
        }
    }

    @Test
    void isOpenedAndClosedOnce() throws Exception { // §2.1.2
        try (TestServer server = new TestServer(Life.class)) {
            Peer peer = server.connect("/life");
            assertThat(logged()).isEqualTo("open");
            peer.session.close(new CloseReason(CloseCodes.GOING_AWAY, "bye"));
            peer.session.close();
            assertThat(logged()).isEqualTo("close 1001 bye false");
            assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.GOING_AWAY);
        }
    }

    @Test
    void theSideThatClosesIsToldItsOwnReason() throws Exception { // §2.1.5
        try (TestServer server = new TestServer(Life.class)) {
            Peer peer = server.connect("/life");
            peer.session.getBasicRemote().sendText("close");
            CloseReason reason = peer.awaitClose();
            assertThat(reason.getCloseCode().getCode()).isEqualTo(4321);
            assertThat(reason.getReasonPhrase()).isEqualTo("told to");
            assertThat(logged()).isEqualTo("open");
            assertThat(logged()).isEqualTo("close 4321 told to false");
        }
    }

    @Test
    void aClosedSessionMayOnlyBeClosed() throws Exception {
        try (TestServer server = new TestServer(Life.class)) {
            Peer peer = server.connect("/life");
            peer.session.close();
            assertThat(peer.session.isOpen()).isFalse();
            assertThatThrownBy(peer.session::getBasicRemote).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(peer.session::getUserProperties).isInstanceOf(IllegalStateException.class);
            peer.session.close();
        }
    }

    @Test
    void knowsTheOtherSessionsOfItsEndpoint() throws Exception { // §2.1.2
        try (TestServer server = new TestServer(Life.class)) {
            Peer one = server.connect("/life");
            Peer two = server.connect("/life");
            assertThat(one.ask("count")).isEqualTo("2");
            one.session.getBasicRemote().sendText("everybody");
            assertThat(one.text()).isEqualTo("hello");
            assertThat(two.text()).isEqualTo("hello");
        }
    }

    @Test
    void anEndpointThatFailsToOpenIsClosed() throws Exception {
        try (TestServer server = new TestServer(Stillborn.class)) {
            Peer peer = server.connect("/stillborn");
            assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.UNEXPECTED_CONDITION);
            assertThat(logged()).isEqualTo("error not today");
        }
    }

    @Test
    void aFaultInAMessageHandlerDoesNotCloseTheSession() throws Exception { // §2.2.4
        try (TestServer server = new TestServer(Life.class)) {
            Peer peer = server.connect("/life");
            peer.session.getBasicRemote().sendText("fail");
            assertThat(logged()).isEqualTo("open");
            assertThat(logged()).isEqualTo("error fail");
            assertThat(peer.ask("count")).isEqualTo("1");
        }
    }

    @Test
    void isClosedWhenItWasIdleForTooLong() throws Exception { // §2.1.6
        try (TestServer server = new TestServer(Life.class)) {
            server.container.setDefaultMaxSessionIdleTimeout(50);
            Peer peer = server.connect("/life");
            assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.GOING_AWAY);
        }
    }

    @Test
    void anUndeployedApplicationClosesItsSessions() throws Exception {
        try (TestServer server = new TestServer(Life.class)) {
            Peer peer = server.connect("/life");
            server.container.close();
            assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.GOING_AWAY);
        }
    }

    @Test
    void takesOneHandlerForEachKindOfMessage() throws Exception { // §2.5
        try (TestServer server = new TestServer(Life.class)) {
            CompletableFuture<Session> opened = new CompletableFuture<>();
            server.client.connectToServer(
                    new Endpoint() {
                        @Override
                        public void onOpen(Session session, EndpointConfig config) {
                            opened.complete(session);
                        }
                    },
                    ClientEndpointConfig.Builder.create().build(),
                    server.uri("/life"));
            Session session = opened.join();
            MessageHandler.Whole<String> text = LOG::add;
            session.addMessageHandler(String.class, text);
            assertThatThrownBy(() -> session.addMessageHandler(String.class, (part, last) -> {}))
                    .isInstanceOf(IllegalStateException.class);
            session.addMessageHandler(ByteBuffer.class, (part, last) -> {});
            assertThat(session.getMessageHandlers()).hasSize(2);
            session.removeMessageHandler(text);
            assertThat(session.getMessageHandlers()).hasSize(1);
            assertThatThrownBy(() -> session.addMessageHandler(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void hasPropertiesOfItsOwn() throws Exception {
        try (TestServer server = new TestServer(Life.class)) {
            Peer one = server.connect("/life");
            Peer two = server.connect("/life");
            one.session.getUserProperties().put("key", "value");
            assertThat(two.session.getUserProperties()).isEmpty();
            assertThat(one.session.getId()).isNotEqualTo(two.session.getId());
        }
    }
}
