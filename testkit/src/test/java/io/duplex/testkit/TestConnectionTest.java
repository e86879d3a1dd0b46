package io.duplex.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.Handshake;
import io.duplex.Role;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How users test their handlers. */
class TestConnectionTest {
    /** A handler as an application has it. */
    private static final class ChatHandler implements WebSocketHandler {
        private final String room;

        ChatHandler(Handshake handshake) {
            this.room = handshake.pathParameter("room");
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.send("welcome to " + room);
        }

        @Override
        public void onText(WebSocket socket, String text) {
            if (text.equals("fail")) {
                throw new IllegalStateException("asked to");
            }
            socket.send(room + ": " + text);
        }
    }

    private static final Handshake HANDSHAKE =
            TestHandshake.of("/chat/java?since=7").pathParameter("room", "java");

    @Test
    void aHandlerIsTestedWithoutASocket() {
        TestConnection connection = TestConnection.builder(new ChatHandler(HANDSHAKE))
                .handshake(HANDSHAKE)
                .open();
        assertThat(connection.peer().take()).containsExactly("text welcome to java");
        connection.peer().send("Hello");
        assertThat(connection.peer().take()).containsExactly("text java: Hello");
        connection.peer().outgoing().readSizes(() -> 1);
        connection.peer().send("bytewise");
        assertThat(connection.peer().take()).containsExactly("text java: bytewise");
        connection.pass(Duration.ofSeconds(25));
        assertThat(connection.peer().take()).containsExactly("ping");
        connection.peer().send("fail");
        assertThat(connection.peer().take()).containsExactly("close 1011 internal error");
        assertThat(connection.faults()).singleElement().isInstanceOf(IllegalStateException.class);
        connection.peer().close(1011, "");
        connection.peer().end();
        assertThat(connection.handler().lines())
                .containsExactly(
                        "open",
                        "text Hello",
                        "text bytewise",
                        "text fail",
                        "error handler threw",
                        "close 1011, clean, by HANDLER");
        assertThat(connection.loop().elapsed()).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void compressedFramesAreMarked() {
        TestConnection connection = TestConnection.builder(new WebSocketHandler() {})
                .compression(PermessageDeflate.builder().thresholdBytes(0).build())
                .open();
        connection.socket().send("Hello".repeat(10));
        assertThat(connection.peer().received()).singleElement().asString().startsWith("text* f248cdc9c9");
    }

    @Test
    void longContentShowsAsItsLength() {
        TestConnection connection = TestConnection.builder(new WebSocketHandler() {})
                .role(Role.CLIENT)
                .open();
        connection.peer().send("x".repeat(201));
        connection.peer().send(ByteBuffer.allocate(201));
        connection.socket().send("x".repeat(201));
        connection.socket().send(ByteBuffer.allocate(201));
        assertThat(connection.peer().received()).containsExactly("text of 201 bytes", "binary of 201 bytes");
        assertThat(connection.handler().lines()).containsExactly("open", "text of 201 bytes", "binary of 201 bytes");
    }

    @Test
    void bytesUnderWayAreDelayedButKeepTheirOrder() {
        TestConnection connection = TestConnection.open(new WebSocketHandler() {});
        List<Duration> delays = List.of(Duration.ofSeconds(2), Duration.ofSeconds(1));
        int[] write = new int[1];
        connection.peer().outgoing().delays(() -> delays.get(write[0]++));
        connection.peer().send("slow");
        connection.peer().send("fast");
        assertThat(connection.handler().take()).containsExactly("open");
        connection.pass(Duration.ofSeconds(2));
        assertThat(connection.handler().take()).containsExactly("text slow", "text fast");
    }

    @Test
    void aRecordingHandlerTellsOfBrokenPromises() {
        RecordingHandler handler = new RecordingHandler();
        WebSocket socket = TestConnection.open(handler).socket();
        handler.onOpen(socket);
        new RecordingHandler().onPing(socket, Hex.parse("00"));
        assertThat(handler.take()).containsExactly("open", "BROKEN second open");
        RecordingHandler early = new RecordingHandler();
        early.onPing(socket, Hex.parse("00"));
        assertThat(early.lines()).containsExactly("BROKEN order: ping 00");
        RecordingHandler[] nested = new RecordingHandler[1];
        nested[0] = new RecordingHandler(new WebSocketHandler() {
            @Override
            public void onPing(WebSocket from, ByteBuffer payload) {
                nested[0].onPong(from, payload);
            }
        });
        nested[0].onOpen(socket);
        nested[0].onPing(socket, Hex.parse("00"));
        assertThat(nested[0].lines()).containsExactly("open", "ping 00", "BROKEN overlap: pong 00");
    }

    @Test
    void aHandshakeHasWhatItWasGiven() {
        TestHandshake handshake =
                TestHandshake.of("/a?b=c").header("Cookie", "1").header("cookie", "2");
        assertThat(handshake.path()).isEqualTo("/a");
        assertThat(handshake.query()).isEqualTo("b=c");
        assertThat(handshake.headers("COOKIE")).containsExactly("1", "2");
        assertThat(handshake.header("Cookie")).isEqualTo("1");
        assertThat(handshake.origin()).isNull();
        assertThat(handshake.header("Origin")).isNull();
        assertThat(TestHandshake.of("/a").query()).isNull();
        assertThat(TestHandshake.of("/a").path()).isEqualTo("/a");
        assertThat(handshake.subprotocol("x").subprotocol()).isEqualTo("x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> handshake.pathParameter("room"))
                .withMessageContaining("room");
    }
}
