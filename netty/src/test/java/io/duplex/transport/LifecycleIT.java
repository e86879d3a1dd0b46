package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.client.WebSocketClient;
import io.duplex.server.HttpResponse;
import io.duplex.server.WebSocketServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What starting and closing leave behind: nothing. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class LifecycleIT {
    private static final Limits LIMITS =
            Limits.builder().maxMessageBytes(4 << 20).build();

    @Parameter
    String io;

    private static long buffersInUse() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    private static List<Thread> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("duplex-"))
                .toList();
    }

    @Test
    void aServerThatCannotBeMadeLeavesNoThreadBehind() throws Exception {
        for (Thread thread : ourThreads()) {
            thread.join(60_000);
        }
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .port(0)
                .io(io)
                .httpRoute("/health", request -> HttpResponse.text(200, "mine"))
                .healthRoute("/health");
        assertThatIllegalArgumentException().isThrownBy(builder::start).withMessageContaining("is taken by");
        assertThat(ourThreads()).isEmpty();
    }

    @Test
    void closingLeavesNeitherThreadsNorBuffersBehind() throws Exception {
        for (Thread thread : ourThreads()) {
            thread.join(60_000);
        }
        long before = buffersInUse();
        WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(LIMITS)
                .route("/echo", handshake -> new Echo())
                .start();
        WebSocketClient client = WebSocketClient.builder().io(io).limits(LIMITS).build();
        String uri = "ws://127.0.0.1:" + server.port();
        Recorder recorder = new Recorder();
        WebSocket socket = client.connect(uri + "/echo", recorder);
        socket.send(ByteBuffer.allocate(3 << 20));
        recorder.binary();
        client.connect(uri + "/echo", new Recorder()).abort();
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> client.connect(uri + "/nowhere", new Recorder()));
        try (RawPeer cut = RawPeer.open(server.port(), "/echo");
                RawPeer partial = RawPeer.connect(server.port());
                RawPeer unfinished = RawPeer.open(server.port(), "/echo")) {
            partial.send("GET /echo HT");
            unfinished.sendHex("02 fe 1000 00000000");
            unfinished.send(new byte[2000]);
            cut.reset();
            client.close();
            partial.hangUp();
            unfinished.hangUp();
            server.close();
        }
        assertThat(recorder.outcome().clean()).isTrue();
        for (Thread thread : ourThreads()) {
            thread.join(60_000);
        }
        assertThat(ourThreads()).isEmpty();
        assertThat(buffersInUse()).isEqualTo(before);
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (WebSocketServer server = WebSocketServer.builder().port(0).io(io).start()) {
            assertThatExceptionOfType(WebSocketException.class)
                    .isThrownBy(() ->
                            WebSocketServer.builder().port(server.port()).io(io).start())
                    .withMessageContaining("cannot listen on 127.0.0.1:" + server.port());
        }
    }

    @Test
    void closingTwiceIsOnce() {
        WebSocketServer server = WebSocketServer.builder().port(0).io(io).start();
        server.close();
        server.close();
        WebSocketClient client = WebSocketClient.builder().io(io).build();
        client.close();
        client.close();
    }

    @Test
    void callsAfterTheEndOfTheLoopsDoNothing() throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .route("/echo", handshake -> new Echo())
                .start()) {
            WebSocketClient client = WebSocketClient.builder().io(io).build();
            WebSocket socket = client.connect("ws://127.0.0.1:" + server.port() + "/echo", new Recorder());
            client.close();
            for (Thread thread : ourThreads()) {
                if (thread.getName().startsWith("duplex-client")) {
                    thread.join(60_000);
                }
            }
            socket.pause();
            socket.resume();
            socket.subscribe("topic");
            socket.publish("topic", "text");
            socket.unsubscribe("topic");
            socket.close();
            socket.abort();
            assertThat(socket.send("text")).isEqualTo(SendStatus.REFUSED);
        }
    }

    @Test
    void acceptingGoesOnAfterItFailed() throws Exception {
        LoopGroup loops = new LoopGroup(IoKind.parse(io), 1, "duplex-test", true);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        LinkedBlockingQueue<SocketTransport> accepted = new LinkedBlockingQueue<>();
        try {
            ServerBootstrap bootstrap = loops.server(address, false, null, Duration.ZERO, transport -> {
                accepted.add(transport);
                return SocketListener.NONE;
            });
            Channel listening = bootstrap.bind().sync().channel();
            listening.pipeline().fireExceptionCaught(new IOException("too many open files"));
            assertThat(listening
                            .eventLoop()
                            .submit(() -> listening.config().isAutoRead())
                            .get())
                    .as("accepting pauses")
                    .isFalse();
            int port = ((InetSocketAddress) listening.localAddress()).getPort();
            try (RawPeer first = RawPeer.connect(port);
                    RawPeer second = RawPeer.connect(port)) {
                assertThat(accepted.poll(60, TimeUnit.SECONDS)).isNotNull();
                assertThat(accepted.poll(60, TimeUnit.SECONDS)).isNotNull();
                assertThat(first).isNotSameAs(second);
            }
        } finally {
            loops.shutdown();
        }
    }
}
