package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.jakarta.TestServer.Peer;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.DecodeException;
import jakarta.websocket.Decoder;
import jakarta.websocket.EncodeException;
import jakarta.websocket.Encoder;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.PongMessage;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How messages come and go, over real sockets. */
class MessagesIT {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(
                Greeting.class,
                Numbers.class,
                Parts.class,
                Streams.class,
                Points.class,
                Pongs.class,
                Small.class,
                Failing.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Whole messages, and the variables of the path. */
    @ServerEndpoint("/greeting/{name}/{times}")
    public static class Greeting {
        @OnMessage
        public String text(String text, @PathParam("name") String name, @PathParam("times") int times) {
            return (text + " " + name + ";").repeat(times);
        }

        @OnMessage
        public ByteBuffer binary(byte[] bytes, @PathParam("absent") String absent) {
            return ByteBuffer.wrap((absent + bytes.length).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** A primitive. */
    @ServerEndpoint("/numbers")
    public static class Numbers {
        @OnMessage
        public int next(int number) {
            return number + 1;
        }

        @OnError
        public void failed(Session session, Throwable fault) throws IOException {
            session.getBasicRemote().sendText(fault.getClass().getSimpleName());
        }
    }

    /** Messages in parts. */
    @ServerEndpoint("/parts")
    public static class Parts {
        private final StringBuilder text = new StringBuilder();
        private int bytes;

        @OnMessage
        public void text(Session session, String part, boolean last) throws IOException {
            text.append(part);
            if (last) {
                session.getBasicRemote().sendText(text.toString());
                text.setLength(0);
            }
        }

        @OnMessage
        public void binary(boolean last, ByteBuffer part, Session session) throws IOException {
            bytes += part.remaining();
            if (last) {
                session.getBasicRemote().sendText("bytes " + bytes);
            }
        }
    }

    /** Messages as streams, and answers as streams. */
    @ServerEndpoint("/streams")
    public static class Streams {
        @OnMessage
        public void text(Reader reader, Session session) throws IOException {
            char[] first = new char[1];
            if (reader.read(first) == 1 && first[0] == '-') {
                session.getBasicRemote().sendText("left unread");
                return;
            }
            try (Writer writer = session.getBasicRemote().getSendWriter()) {
                writer.write(first);
                reader.transferTo(writer);
            }
        }

        @OnMessage
        public void binary(InputStream in, Session session) throws IOException {
            try (OutputStream out = session.getBasicRemote().getSendStream()) {
                in.transferTo(out);
            }
        }
    }

    record Point(int x, int y) {}

    /** Says when it lived. */
    static final List<String> LIVES = new ArrayList<>();

    abstract static class PointCoder {
        public void init(EndpointConfig config) {
            synchronized (LIVES) {
                LIVES.add("init " + getClass().getSimpleName());
            }
        }

        public void destroy() {
            synchronized (LIVES) {
                LIVES.add("destroy " + getClass().getSimpleName());
            }
        }
    }

    abstract static class Parsing<T> extends PointCoder implements Decoder.Text<T> {
        @Override
        public boolean willDecode(String text) {
            return text.matches("-?\\d+,-?\\d+");
        }
    }

    /** Its type stands in its superclass (§4.1.3). */
    public static final class PointDecoder extends Parsing<Point> {
        @Override
        public Point decode(String text) throws DecodeException {
            String[] parts = text.split(",", -1);
            return new Point(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }
    }

    /** Writes points. */
    public static final class PointEncoder extends PointCoder implements Encoder.Text<Point> {
        @Override
        public String encode(Point point) throws EncodeException {
            if (point.x() < 0) {
                throw new EncodeException(point, "x is negative");
            }
            return "(" + point.x() + " " + point.y() + ")";
        }
    }

    /** Objects of the application. */
    @ServerEndpoint(value = "/points", decoders = PointDecoder.class, encoders = PointEncoder.class)
    public static class Points {
        @OnMessage
        public Point swap(Point point) {
            return new Point(point.y(), point.x());
        }

        @OnError
        public void failed(Session session, Throwable fault) throws IOException {
            session.getBasicRemote().sendText(fault.getClass().getSimpleName());
        }
    }

    /** Pongs. */
    @ServerEndpoint("/pongs")
    public static class Pongs {
        @OnMessage
        public void ping(String text, Session session) throws IOException {
            session.getBasicRemote().sendPing(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }

        @OnMessage
        public String pong(PongMessage pong) {
            return "pong " + StandardCharsets.UTF_8.decode(pong.getApplicationData());
        }
    }

    /** Takes short messages only. */
    @ServerEndpoint("/small")
    public static class Small {
        @OnMessage(maxMessageSize = 5)
        public String text(String text) {
            return text;
        }
    }

    /** Fails. */
    @ServerEndpoint("/failing")
    public static class Failing {
        @OnMessage
        public void text(String text) throws IOException {
            throw new IOException(text);
        }

        @OnError
        public void failed(Session session, Throwable fault) throws IOException {
            session.getBasicRemote().sendText(fault.toString());
        }
    }

    @Test
    void whatAMethodReturnsIsSent() throws Exception { // §4.7
        Peer peer = server.connect("/greeting/Jo%20A/2");
        assertThat(peer.ask("hi")).isEqualTo("hi Jo A;hi Jo A;");
        peer.session.getBasicRemote().sendBinary(ByteBuffer.wrap(new byte[7]));
        assertThat(peer.binary()).isEqualTo("null7");
    }

    @Test
    void aVariableThatIsNoNumberIsADecodeException() throws Exception { // §4.3
        Peer peer = server.connect("/greeting/a/b");
        peer.session.getBasicRemote().sendText("hi");
        assertThat(peer.session.isOpen()).isTrue();
    }

    @Test
    void textsAreReadAsPrimitives() throws Exception { // §4.7
        Peer peer = server.connect("/numbers");
        assertThat(peer.ask("41")).isEqualTo("42");
        assertThat(peer.ask("x")).isEqualTo("DecodeException");
        assertThat(peer.ask("1")).isEqualTo("2");
    }

    @Test
    void partsComeAsTheyWereSentAndCharactersStayWhole() throws Exception { // §2.6
        Peer peer = server.connect("/parts");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        remote.sendText("a\uD83D", false);
        remote.sendText("\uDE00ä", false);
        remote.sendText("", true);
        assertThat(peer.text()).isEqualTo("a\uD83D\uDE00ä");
        remote.sendBinary(ByteBuffer.allocate(3), false);
        remote.sendBinary(ByteBuffer.allocate(4), true);
        assertThat(peer.text()).isEqualTo("bytes 7");
        String large = "ä€\uD83D\uDE00".repeat(50_000);
        assertThat(peer.ask(large)).isEqualTo(large);
    }

    @Test
    void streamsAreReadWhileTheyCome() throws Exception { // §2.6, §4.7
        Peer peer = server.connect("/streams");
        String text = "0123456789ä".repeat(30_000);
        assertThat(peer.ask(text)).isEqualTo(text);
        assertThat(peer.ask("-" + text)).isEqualTo("left unread");
        peer.session.getBasicRemote().sendBinary(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        assertThat(peer.binary()).isEqualTo(text);
    }

    @Test
    void aMessageMayBeWrittenAsAStream() throws Exception { // §2.6
        Peer peer = server.connect("/streams");
        try (Writer writer = peer.session.getBasicRemote().getSendWriter()) {
            for (int i = 0; i < 2_000; i++) {
                writer.write("line " + i + "\n");
            }
        }
        assertThat(peer.text()).startsWith("line 0\n").endsWith("line 1999\n");
    }

    @Test
    void codersMakeObjectsOfMessages() throws Exception { // §4.1.2, §4.1.3
        Peer peer = server.connect("/points");
        assertThat(peer.ask("1,2")).isEqualTo("(2 1)");
        assertThat(peer.ask("nonsense")).isEqualTo("DecodeException");
        assertThat(peer.ask("1,-2")).isEqualTo("EncodeException");
    }

    @Test
    void codersLiveAsLongAsTheSession() throws Exception { // §4.1.2, §4.1.3
        synchronized (LIVES) {
            LIVES.clear();
        }
        try (TestServer own = new TestServer(Points.class)) {
            Peer peer = own.connect("/points");
            assertThat(peer.ask("1,2")).isEqualTo("(2 1)");
            peer.session.close();
            peer.awaitClose();
            CompletableFuture<Void> destroyed = CompletableFuture.runAsync(() -> {
                while (true) {
                    synchronized (LIVES) {
                        if (LIVES.contains("destroy PointDecoder")) {
                            return;
                        }
                    }
                    Thread.onSpinWait();
                }
            });
            destroyed.orTimeout(30, TimeUnit.SECONDS).join();
        }
        synchronized (LIVES) {
            assertThat(LIVES)
                    .containsExactly(
                            "init PointEncoder", "init PointDecoder", "destroy PointEncoder", "destroy PointDecoder");
        }
    }

    @Test
    void pongsComeWithTheDataOfThePing() throws Exception { // §4.7
        Peer peer = server.connect("/pongs");
        assertThat(peer.ask("mark")).isEqualTo("pong mark");
    }

    @Test
    void aMessageThatIsTooLongClosesTheSession() throws Exception { // §4.7
        Peer peer = server.connect("/small");
        assertThat(peer.ask("äöü€1")).isEqualTo("äöü€1");
        peer.session.getBasicRemote().sendText("123456");
        assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.TOO_BIG);
    }

    @Test
    void aFaultOfAMethodIsToldAndTheSessionGoesOn() throws Exception { // §4.6
        Peer peer = server.connect("/failing");
        assertThat(peer.ask("a")).isEqualTo("java.io.IOException: a");
        assertThat(peer.ask("b")).isEqualTo("java.io.IOException: b");
    }

    @Nested
    class ManySenders {
        private static final int THREADS = 8;
        private static final int MESSAGES = 500;

        @Test
        void mayUseOneRemoteAtATime() throws Exception {
            Peer peer = server.connect("/greeting/x/1");
            CountDownLatch start = new CountDownLatch(1);
            ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<Void>> senders = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                String name = "t" + thread;
                senders.add(CompletableFuture.runAsync(() -> {
                    try {
                        start.await();
                        for (int i = 0; i < MESSAGES; i++) {
                            if (i % 2 == 0) {
                                peer.session.getBasicRemote().sendText(name + "-" + i);
                            } else {
                                peer.session.getAsyncRemote().sendText(name + "-" + i);
                            }
                        }
                    } catch (IOException | InterruptedException | RuntimeException e) {
                        faults.add(e);
                    }
                }));
            }
            start.countDown();
            senders.forEach(CompletableFuture::join);
            assertThat(faults).isEmpty();
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < THREADS * MESSAGES; i++) {
                answers.add(peer.text());
            }
            for (int thread = 0; thread < THREADS; thread++) {
                String name = "t" + thread + "-";
                List<String> expected = new ArrayList<>();
                for (int i = 0; i < MESSAGES; i++) {
                    expected.add(name + i + " x;");
                }
                assertThat(answers)
                        .filteredOn(answer -> answer.startsWith(name))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void othersWaitForTheEndOfAMessageInParts() throws Exception { // §2.6
        Peer peer = server.connect("/greeting/x/1");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        remote.sendText("a", false);
        Future<Void> own = peer.session.getAsyncRemote().sendText("async");
        remote.sendText("own");
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            try {
                remote.sendText("other");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(own).isNotDone();
        remote.sendText("b", true);
        other.get(30, TimeUnit.SECONDS);
        assertThat(peer.text()).isEqualTo("ab x;");
        assertThat(peer.text()).isEqualTo("async x;");
        assertThat(peer.text()).isEqualTo("own x;");
        assertThat(peer.text()).isEqualTo("other x;");
    }

    @Nested
    class AsyncRemote {
        @Test
        void tellsWhenAMessageHasGone() throws Exception { // §2.6
            Peer peer = server.connect("/greeting/x/1");
            Future<Void> sent = peer.session.getAsyncRemote().sendText("a");
            assertThat(sent.get(30, TimeUnit.SECONDS)).isNull();
            assertThat(peer.text()).isEqualTo("a x;");
            CompletableFuture<Boolean> told = new CompletableFuture<>();
            peer.session.getAsyncRemote().sendBinary(ByteBuffer.allocate(2), result -> told.complete(result.isOK()));
            assertThat(told.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(peer.binary()).isEqualTo("null2");
        }

        @Test
        void tellsOfAFault() throws Exception {
            Peer peer = server.connect("/greeting/x/1");
            CompletableFuture<Throwable> told = new CompletableFuture<>();
            peer.session.getAsyncRemote().sendObject(new Object(), result -> told.complete(result.getException()));
            assertThat(told.get(30, TimeUnit.SECONDS)).isInstanceOf(EncodeException.class);
            RemoteEndpoint.Async remote = peer.session.getAsyncRemote();
            peer.session.close();
            CompletableFuture<Boolean> ok = new CompletableFuture<>();
            remote.sendText("late", result -> ok.complete(result.isOK()));
            assertThat(ok.get(30, TimeUnit.SECONDS)).isFalse();
        }

        @Test
        void wantsAMessageAndAHandler() throws Exception {
            RemoteEndpoint.Async remote =
                    server.connect("/greeting/x/1").session.getAsyncRemote();
            assertThatThrownBy(() -> remote.sendText(null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> remote.sendText("a", null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> remote.sendPing(ByteBuffer.allocate(126)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
