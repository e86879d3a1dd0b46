package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Our client talks to our server over every kind of I/O, compressed and not. */
@ParameterizedClass(name = "{0}, {1}")
@MethodSource("setups")
class EchoIT {
    private static final int[] SIZES = {0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20};

    private static final Limits LIMITS =
            Limits.builder().maxMessageBytes(17 << 20).maxQueueBytes(64 << 20).build();

    @Parameter(0)
    String io;

    @Parameter(1)
    PermessageDeflate compression;

    private WebSocketServer server;
    private WebSocketClient client;
    private final Recorder recorder = new Recorder();
    private WebSocket socket;

    static List<Arguments> setups() {
        List<Arguments> setups = new ArrayList<>();
        for (String io : IoKinds.available()) {
            setups.add(Arguments.of(io, PermessageDeflate.DISABLED));
            setups.add(Arguments.of(io, PermessageDeflate.DEFAULT));
        }
        return setups;
    }

    @BeforeEach
    void connect() {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(LIMITS)
                .route("/echo", handshake -> new Echo())
                .start();
        client = WebSocketClient.builder()
                .io(io)
                .limits(LIMITS)
                .compression(compression)
                .build();
        socket = client.connect("ws://127.0.0.1:" + server.port() + "/echo", recorder);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void binaryOfAnySizeComesBack() throws Exception {
        Random random = new Random(7);
        for (int size : SIZES) {
            byte[] payload = new byte[size];
            random.nextBytes(payload);
            socket.send(ByteBuffer.wrap(payload));
            assertThat(recorder.binary()).isEqualTo(payload);
        }
    }

    @Test
    void textOfAnySizeComesBack() throws Exception {
        for (int size : SIZES) {
            String text = textOf(size);
            socket.send(text);
            assertThat(recorder.text()).isEqualTo(text);
        }
    }

    private static String textOf(int utf8Bytes) {
        String unit = "{\"naïve\": \"\uD83E\uDDA6 κόσμε\"} ";
        int unitBytes = unit.getBytes(StandardCharsets.UTF_8).length;
        return unit.repeat(utf8Bytes / unitBytes) + "a".repeat(utf8Bytes % unitBytes);
    }

    @Test
    void messagesKeepTheirOrder() throws Exception {
        for (int i = 0; i < 1000; i++) {
            socket.send("message " + i);
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(recorder.text()).isEqualTo("message " + i);
        }
    }

    @Test
    void aMessageOfPartsIsOneMessage() throws Exception {
        socket.sendTextPart(ByteBuffer.wrap(new byte[] {'a', (byte) 0xC3}), false);
        socket.ping(ByteBuffer.wrap(new byte[] {'p'}));
        socket.sendTextPart(ByteBuffer.wrap(new byte[] {(byte) 0xBC}), false);
        socket.sendTextPart(ByteBuffer.wrap(new byte[] {'b'}), true);
        assertThat(recorder.text()).isEqualTo("aüb");
        assertThat(recorder.pong()).isEqualTo("p");
    }

    @Test
    @Covers({"WS-7.1.4-1", "WS-5.5.1-6"})
    void theClosingHandshakeIsClean() throws Exception {
        socket.close(4000, "bye");
        assertThat(recorder.outcome().clean()).isTrue();
        assertThat(recorder.outcome().status().code()).isEqualTo(4000);
        assertThat(socket.readyState()).isEqualTo(ReadyState.CLOSED);
        assertThat(recorder.errors()).isEmpty();
    }
}
