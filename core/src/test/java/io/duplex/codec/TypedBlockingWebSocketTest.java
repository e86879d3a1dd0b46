package io.duplex.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome;
import io.duplex.DecodeException;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.MessageBody;
import io.duplex.MessageStream;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.TestConnection;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TypedBlockingWebSocketTest {
    private final TestConnection connection = TestConnection.open(new WebSocketHandler() {});
    private final Inbox inbox = new Inbox(connection.socket());
    private final TypedBlockingWebSocket<String> socket = Words.CODEC.over(inbox);

    /** Hands out what the test put in, then ends; keeps what is sent. */
    private static final class Inbox implements BlockingWebSocket {
        private final Queue<Message> messages = new ArrayDeque<>();
        private final List<String> sent = new ArrayList<>();
        private final WebSocket socket;

        Inbox(WebSocket socket) {
            this.socket = socket;
        }

        Inbox put(String... texts) {
            for (String text : texts) {
                messages.add(new Message.Text(text));
            }
            return this;
        }

        @Override
        public Handshake handshake() {
            return socket.handshake();
        }

        @Override
        public ReadyState readyState() {
            return socket.readyState();
        }

        @Override
        public CloseOutcome closeOutcome() {
            return null;
        }

        @Override
        public WebSocket socket() {
            return socket;
        }

        @Override
        public void send(String text) {
            throw new AssertionError("a String was made");
        }

        @Override
        public void send(ByteBuffer payload) {
            sent.add("binary " + StandardCharsets.UTF_8.decode(payload));
        }

        @Override
        public void sendText(ByteBuffer utf8) {
            sent.add("text " + StandardCharsets.UTF_8.decode(utf8));
        }

        @Override
        public Message receive() {
            return messages.poll();
        }

        @Override
        public Message receive(Duration timeout) throws TimeoutException {
            if (messages.isEmpty() && !timeout.isZero()) {
                throw new TimeoutException("nothing");
            }
            return messages.poll();
        }

        @Override
        public MessageStream receiveStream() {
            throw new AssertionError("a codec has no use for a stream");
        }

        @Override
        public MessageStream receiveStream(Duration timeout) {
            return receiveStream();
        }

        @Override
        public void sendBinaryStream(MessageBody<OutputStream> body) {
            throw new AssertionError("a codec has no use for a stream");
        }

        @Override
        public void sendTextStream(MessageBody<Writer> body) {
            throw new AssertionError("a codec has no use for a stream");
        }

        @Override
        public Iterator<Message> iterator() {
            return messages.iterator();
        }

        @Override
        public void close(int code, String reason) {
            socket.close(code, reason);
        }
    }

    @Test
    void valuesAreSentAsTheCodecHasThem() {
        socket.send("a");
        socket.send("#b");
        assertThat(inbox.sent).containsExactly("text 'a'", "binary #b");
        assertThatIllegalArgumentException().isThrownBy(() -> socket.send("it's"));
        assertThat(inbox.sent).hasSize(2);
    }

    @Test
    void messagesAreDecodedUntilTheEnd() {
        inbox.put("'a'").messages.add(new Message.Binary(StandardCharsets.UTF_8.encode("#b")));
        assertThat(socket).containsExactly("a", "#b");
        assertThat(socket.receive()).isNull();
    }

    @Test
    void nobodyIteratesBeyondTheEnd() {
        Iterator<String> messages = socket.iterator();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(messages::next);
    }

    @Test
    void receivingMayBeBounded() throws TimeoutException {
        inbox.put("'a'");
        assertThat(socket.receive(Duration.ofSeconds(1))).isEqualTo("a");
        assertThat(socket.receive(Duration.ZERO)).isNull();
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> socket.receive(Duration.ofSeconds(1)));
        inbox.put("'b'");
        assertThat(socket.receive()).isEqualTo("b");
    }

    @Test
    void aMessageThatCannotBeDecodedClosesAndNoneAfterItIsHandedOut() {
        inbox.put("bad", "'good'");
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(socket::receive)
                .withMessage("no quotes: bad")
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1007));
        assertThat(connection.peer().take()).containsExactly("close 1007 message not understood");
        assertThatExceptionOfType(DecodeException.class).isThrownBy(socket::receive);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> socket.receive(Duration.ZERO));
    }

    @Test
    void codeMayLetThroughWhatThePeerCaused() throws Exception {
        inbox.put("bad");
        Words.CODEC.blocking(typed -> typed.forEach(word -> {})).handle(inbox);
        assertThat(connection.peer().take()).containsExactly("close 1007 message not understood");
    }

    @Test
    void aDecodeExceptionOfTheCodeIsItsFault() {
        DecodeException own = new DecodeException(1007, "the code's own", null);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Words.CODEC
                        .blocking(typed -> {
                            throw own;
                        })
                        .handle(inbox))
                .isSameAs(own);
    }

    @Test
    void aTypedSocketClosesAsAnyOther() {
        assertThat(socket.socket()).isSameAs(inbox);
        assertThat(socket.handshake()).isSameAs(inbox.handshake());
        socket.close(4000, "enough");
        socket.close();
        assertThat(connection.peer().take()).containsExactly("close 4000 enough");
    }
}
