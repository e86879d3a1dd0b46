package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.testkit.MemoryBus;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicMessage;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Topics over real sockets. */
class TopicsIT {
    private final MemoryBus bus = new MemoryBus();
    private final WebSocketClient client = WebSocketClient.create();
    private final List<WebSocketServer> servers = new ArrayList<>();
    private final BlockingQueue<WebSocket> joined = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        client.close();
        servers.forEach(WebSocketServer::close);
    }

    /** Joins the topic that is its path, and publishes there what comes. */
    private final class Member implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            String topic = topic(socket);
            if (topic.endsWith(">")) {
                socket.subscribePattern(topic);
            } else {
                socket.subscribe(topic);
            }
            joined.add(socket);
        }

        private static String topic(WebSocket socket) {
            return socket.handshake().pathParameter("topic");
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.publishText(topic(socket), utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.broadcast(topic(socket), payload);
        }
    }

    private WebSocketServer start(WebSocketServer.Builder builder) {
        WebSocketServer server =
                builder.port(0).route("/{topic}", handshake -> new Member()).start();
        servers.add(server);
        return server;
    }

    private WebSocket join(WebSocketServer server, String topic, Recorder recorder) throws Exception {
        WebSocket socket = client.connect("ws://127.0.0.1:" + server.port() + "/" + topic, recorder);
        assertThat(joined.poll(60, TimeUnit.SECONDS)).isNotNull();
        return socket;
    }

    @Test
    void aBusJoinsTheTopicsOfTwoServers() throws Exception {
        MemoryBus.Node firstNode = bus.node();
        WebSocketServer one = start(WebSocketServer.builder().topicBus(firstNode));
        WebSocketServer two = start(WebSocketServer.builder().topicBus(bus.node()));
        Recorder here = new Recorder();
        Recorder there = new Recorder();
        Recorder pattern = new Recorder();
        WebSocket socket = join(one, "news", here);
        join(two, "news", there);
        join(two, "%3E", pattern);
        assertThat(firstNode.interest()).containsExactly("news");
        for (int i = 0; i < 1_000; i++) {
            socket.send("text " + i);
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(there.text()).isEqualTo("text " + i);
            assertThat(pattern.text()).isEqualTo("text " + i);
        }
        socket.send(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(here.binary()).containsExactly(1, 2);
        assertThat(there.binary()).containsExactly(1, 2);
        assertThat(two.publish("news", "from the other server")).isEqualTo(SendStatus.SENT);
        assertThat(here.text()).isEqualTo("from the other server");
        assertThat(there.text()).isEqualTo("from the other server");
        assertThat(here.isEmpty() && there.isEmpty()).isTrue();
    }

    @Test
    void theServerPublishesInEachForm() throws Exception {
        WebSocketServer server = start(WebSocketServer.builder());
        Recorder member = new Recorder();
        join(server, "news", member);
        assertThat(server.publish("news", "text")).isEqualTo(SendStatus.SENT);
        server.publishText("news", StandardCharsets.UTF_8.encode("bytes"));
        server.publish("news", ByteBuffer.wrap(new byte[] {7}));
        assertThat(member.text()).isEqualTo("text");
        assertThat(member.text()).isEqualTo("bytes");
        assertThat(member.binary()).containsExactly(7);
    }

    @Test
    void aTopicThatKeepsTheLatestSendsWhoIsSlowTheLatest() throws Exception {
        WebSocketServer server = start(WebSocketServer.builder().topic("prices.*", SendPolicy.latestOnly()));
        try (RawPeer slow = RawPeer.connectSlow(server.port())) {
            slow.send(RawPeer.request("/prices.eu"));
            slow.head();
            WebSocket socket = joined.poll(60, TimeUnit.SECONDS);
            assertThat(socket).isNotNull();
            byte[] payload = new byte[1 << 10];
            int published = 0;
            while (socket.droppedMessages() < 1_000) {
                ByteBuffer.wrap(payload).putInt(0, published + 1);
                // What is refused is lost, as the loop may be the slower one.
                if (server.publish("prices.eu", ByteBuffer.wrap(payload)) != SendStatus.REFUSED) {
                    published++;
                }
            }
            int last = 0;
            int came = 0;
            while (last < published) {
                slow.read(4);
                int number = ByteBuffer.wrap(slow.read(payload.length)).getInt(0);
                assertThat(number).isGreaterThan(last);
                last = number;
                came++;
            }
            assertThat(came + socket.droppedMessages()).isEqualTo(published);
        }
    }

    @Test
    void aPolicyIsGivenToATopicOrAPattern() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WebSocketServer.builder().topic("*.a*", SendPolicy.dropOldest()))
                .withMessageContaining("'*.a*'");
    }

    @Test
    void aServerWhoseBusCannotStartDoesNotStart() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        TopicBus broken = new TopicBus() {
            @Override
            public void start(Inlet inlet) {
                throw new IllegalStateException("no broker there");
            }

            @Override
            public SendStatus publish(TopicMessage message) {
                return SendStatus.REFUSED;
            }

            @Override
            public void close() {
                closed.complete(null);
            }
        };
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () -> WebSocketServer.builder().port(0).topicBus(broken).start())
                .withMessage("no broker there");
        assertThat(closed).isNotDone();
    }
}
