package io.duplex.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.DecodeException;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocketException;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypedHandlerTest {
    private final Words codec = Words.CODEC;
    private final Spy spy = new Spy();

    /** Writes down what it is told. */
    private static final class Spy implements TypedHandler<String> {
        private final List<String> lines = new ArrayList<>();
        private TypedWebSocket<String> socket;
        private RuntimeException thrown;

        @Override
        public void onOpen(TypedWebSocket<String> opened) {
            socket = opened;
            lines.add("open " + opened.handshake().path());
        }

        @Override
        public void onMessage(TypedWebSocket<String> on, String message) {
            lines.add("message " + message);
            if (thrown != null) {
                throw thrown;
            }
        }

        @Override
        public void onDrain(TypedWebSocket<String> on) {
            lines.add("drain");
        }

        @Override
        public void onDropped(TypedWebSocket<String> on, long messages) {
            lines.add("dropped " + messages);
        }

        @Override
        public void onError(TypedWebSocket<String> on, WebSocketException error) {
            lines.add("error " + error.getMessage());
        }

        @Override
        public void onClose(TypedWebSocket<String> on, CloseOutcome outcome) {
            lines.add("close " + outcome.status().code());
        }
    }

    private TestConnection open() {
        return TestConnection.open(codec.handler(spy));
    }

    @Test
    void messagesOfBothKindsAreDecoded() {
        TestConnection connection = open();
        connection.peer().send("'hello'");
        connection.peer().send(Hex.parse("23 31"));
        connection.peer().close(1000, "");
        connection.peer().end();
        assertThat(spy.lines).containsExactly("open /", "message hello", "message #1", "close 1000");
    }

    @Test
    void valuesAreSentAsTheCodecHasThem() {
        TestConnection connection = open();
        assertThat(spy.socket.send("a")).isEqualTo(SendStatus.SENT);
        assertThat(spy.socket.send("#b")).isEqualTo(SendStatus.SENT);
        spy.socket.sendAsync("c");
        spy.socket.sendAsync("#d");
        spy.socket.sendLatest("key", "e");
        spy.socket.sendLatest("key", "#f");
        connection.run();
        assertThat(connection.peer().take())
                .containsExactly("text 'a'", "binary 2362", "text 'c'", "binary 2364", "text 'e'", "binary 2366");
    }

    @Test
    void valuesArePublishedAsTheCodecHasThem() {
        TestConnection connection = open();
        spy.socket.socket().subscribe("words");
        spy.socket.broadcast("words", "a");
        spy.socket.broadcast("words", "#b");
        spy.socket.publish("words", "to others");
        spy.socket.publish("words", "#to others");
        connection.run();
        assertThat(connection.peer().take()).containsExactly("text 'a'", "binary 2362");
    }

    @Test
    void aValueThatCannotBeWrittenIsTheSendersFault() {
        TestConnection connection = open();
        assertThatIllegalArgumentException().isThrownBy(() -> spy.socket.send("it's"));
        assertThat(connection.peer().take()).isEmpty();
    }

    @Test
    void loneSurrogatesOfTextAreReplaced() {
        TestConnection connection = open();
        spy.socket.send("\uD800");
        assertThat(connection.peer().take()).containsExactly("text '\uFFFD'");
    }

    @Test
    void aMessageThatCannotBeDecodedClosesWithItsCodeAndWithoutAWordOfIt() {
        TestConnection connection = open();
        connection.peer().sendTogether("no quotes", "'after'");
        assertThat(connection.peer().take()).containsExactly("close 1007 message not understood");
        connection.peer().close(1007, "");
        connection.peer().end();
        assertThat(spy.lines).containsExactly("open /", "error no quotes: no quotes", "close 1007");
        assertThat(connection.faults()).isEmpty();
    }

    @Test
    void aKindOfMessageThatTheCodecHasNotClosesWith1003() {
        TestConnection text = TestConnection.open(Words.TEXT_ONLY.handler(spy));
        text.peer().send("hello");
        text.peer().send(ByteBuffer.allocate(1));
        assertThat(text.peer().take()).containsExactly("close 1003 kind of message not supported");
        TestConnection binary = TestConnection.open(Words.BINARY_ONLY.handler(new Spy()));
        binary.peer().send(Hex.parse("23"));
        binary.peer().send("hello");
        assertThat(binary.peer().take()).containsExactly("close 1003 kind of message not supported");
        assertThat(spy.lines)
                .containsExactly("open /", "message hello", "error a binary message, where only text is understood");
    }

    @Test
    void whatElseACodecThrowsIsAFaultOfThisSide() {
        TestConnection connection = open();
        connection.peer().send("");
        assertThat(connection.peer().take()).containsExactly("close 1011 internal error");
        assertThat(connection.faults()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDecodeExceptionOfTheHandlerIsAFaultOfThisSide() {
        TestConnection connection = open();
        spy.thrown = new DecodeException(1007, "the handler's own", null);
        connection.peer().send("'a'");
        assertThat(connection.peer().take()).containsExactly("close 1011 internal error");
        assertThat(spy.lines).containsExactly("open /", "message a", "error handler threw");
    }

    @Test
    void backlogsAndLossesAreTold() {
        TestConnection connection = TestConnection.builder(codec.handler(spy))
                .limits(Limits.builder()
                        .maxQueueMessages(1)
                        .sendPolicy(SendPolicy.dropNewest())
                        .build())
                .open();
        connection.peer().stopReading();
        String big = "x".repeat(100_000);
        while (spy.socket.send(big) != SendStatus.REFUSED) {
            connection.run();
        }
        connection.run();
        connection.peer().resumeReading();
        connection.run();
        assertThat(spy.lines).contains("dropped 1", "drain");
    }

    @Test
    void aTypedSocketClosesAsAnyOther() {
        TestConnection one = open();
        spy.socket.close();
        assertThat(one.peer().take()).containsExactly("close 1000");
        TestConnection other = open();
        spy.socket.close(4000, "enough");
        assertThat(other.peer().take()).containsExactly("close 4000 enough");
        assertThat(spy.socket.socket()).isSameAs(other.socket());
    }

    @Test
    void aHandlerNeedsToTakeMessagesAndNothingElse() {
        List<String> taken = new ArrayList<>();
        TestConnection connection =
                TestConnection.open(Words.TEXT_ONLY.handler((socket, message) -> taken.add(message)));
        connection.peer().send("a");
        connection.socket().close();
        connection.peer().send(ByteBuffer.allocate(1));
        connection.peer().close();
        connection.peer().end();
        assertThat(taken).containsExactly("a");
        assertThat(connection.faults()).isEmpty();
    }
}
