package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.Limits;
import io.duplex.jakarta.TestServer.Peer;
import io.duplex.server.WebSocketServer;
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
import java.util.concurrent.CountDownLatch;
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
            // One is shown to others a moment after it has been told; its own answer comes behind that.
            assertThat(one.ask("count")).isIn("1", "2");
            assertThat(two.ask("count")).isEqualTo("2");
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

    /** Does not open before it may. */
    @ServerEndpoint("/slow")
    public static class Slow {
        static volatile CountDownLatch mayOpen = new CountDownLatch(0);

        @OnOpen
        public void open(Session session) throws InterruptedException {
            LOG.add("open " + session.getOpenSessions().contains(session));
            mayOpen.await();
        }

        @OnMessage
        public String count(String what, Session session) {
            return String.valueOf(session.getOpenSessions().size());
        }

        @OnClose
        public void close() {
            LOG.add("close");
        }
    }

    @Test
    void isShownToOthersOnceItsEndpointHasBeenTold() throws Exception { // §2.1.2
        try (TestServer server = new TestServer(Slow.class)) {
            Slow.mayOpen = new CountDownLatch(0);
            Peer one = server.connect("/slow");
            assertThat(logged()).isEqualTo("open true");
            assertThat(one.ask("")).isEqualTo("1");
            Slow.mayOpen = new CountDownLatch(1);
            Peer two = server.connect("/slow");
            assertThat(logged()).isEqualTo("open true");
            assertThat(one.ask("")).isEqualTo("1");
            Slow.mayOpen.countDown();
            assertThat(two.ask("")).isEqualTo("2");
            assertThat(one.ask("")).isEqualTo("2");
        }
    }

    @Test
    void hasOneTimerAndNoneOnceItIsClosed() throws Exception {
        try (TestServer server = new TestServer(Life.class)) {
            server.container.setDefaultMaxSessionIdleTimeout(3_600_000);
            server.client.setDefaultMaxSessionIdleTimeout(3_600_000);
            Peer peer = server.connect("/life");
            assertThat(logged()).isEqualTo("open");
            // An endpoint is told on another thread than that which sets the timer, and may be told first.
            TestServer.await(() -> server.client.settings().waitingTimers() == 1
                    && server.container.settings().waitingTimers() == 1);
            for (int i = 1; i < 100; i++) {
                peer.session.setMaxIdleTimeout(3_600_000 + i);
            }
            assertThat(server.client.settings().waitingTimers()).isOne();
            peer.session.setMaxIdleTimeout(0);
            assertThat(server.client.settings().waitingTimers()).isZero();
            peer.session.setMaxIdleTimeout(3_600_000);
            peer.session.close();
            assertThat(logged()).isEqualTo("close 1000  false");
            peer.awaitClose();
            TestServer.await(() -> server.client.settings().waitingTimers() == 0
                    && server.container.settings().waitingTimers() == 0);
        }
    }

    /** Waits, and then asks. */
    @ServerEndpoint("/asking")
    public static class Asking {
        static final BlockingQueue<Session> SESSIONS = new LinkedBlockingQueue<>();
        static volatile CountDownLatch mayAsk = new CountDownLatch(1);

        @OnMessage
        public void text(String text, Session session) throws InterruptedException {
            SESSIONS.add(session);
            mayAsk.await();
            LOG.add(session.isOpen() + " " + session.getRequestURI().getPath() + " "
                    + session.getUserProperties().size());
            try {
                session.getBasicRemote().sendText("late");
            } catch (IOException e) {
                LOG.add(e.getMessage());
            }
        }

        @OnError
        public void failed(Throwable fault) {
            LOG.add("error " + fault);
        }
    }

    @Test
    void aCallbackMayAskToItsEndThoughAnotherThreadClosesTheSession() throws Exception {
        try (TestServer server = new TestServer(Asking.class)) {
            Peer peer = server.connect("/asking");
            peer.session.getBasicRemote().sendText("");
            Session session = Asking.SESSIONS.poll(30, TimeUnit.SECONDS);
            session.close();
            assertThatThrownBy(session::getRequestURI).isInstanceOf(IllegalStateException.class);
            Asking.mayAsk.countDown();
            assertThat(logged()).isEqualTo("false /app/asking 0");
            assertThat(logged()).isEqualTo("the session is closed");
        }
    }

    @Test
    void takesMessagesAsLongAsItsServerDoesUnlessItIsToldOtherwise() throws Exception { // §4.7
        Limits limits = Limits.builder().maxMessageBytes(3 << 20).build();
        try (TestServer server = new TestServer(
                DuplexServerContainer.builder(), WebSocketServer.builder().limits(limits), Sizes.class)) {
            assertThat(server.container.getDefaultMaxTextMessageBufferSize()).isEqualTo(1 << 20);
            Peer peer = server.connect("/sizes");
            assertThat(peer.ask("")).isEqualTo("0 3145728 3145728");
            assertThat(peer.ask("x".repeat(2 << 20))).isEqualTo("2097152 3145728 3145728");
            server.container.setDefaultMaxTextMessageBufferSize(10);
            server.container.setDefaultMaxBinaryMessageBufferSize(Integer.MAX_VALUE);
            Peer bounded = server.connect("/sizes");
            assertThat(bounded.ask("")).isEqualTo("0 10 2147483647");
            bounded.session.getBasicRemote().sendText("x".repeat(11));
            assertThat(bounded.awaitClose().getCloseCode()).isEqualTo(CloseCodes.TOO_BIG);
        }
    }

    /** Says how much it takes. */
    @ServerEndpoint("/sizes")
    public static class Sizes {
        @OnMessage
        public String text(String text, Session session) {
            return text.length() + " " + session.getMaxTextMessageBufferSize() + " "
                    + session.getMaxBinaryMessageBufferSize();
        }
    }
}
