package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.testkit.Hex;
import io.duplex.testkit.RecordedOutgoing;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestHandshake;
import io.duplex.testkit.VirtualLoop;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection whose protocol carries whole text messages and nothing else. */
class TextOnlyTest {
    private final VirtualLoop loop = new VirtualLoop();
    private final Topics topics = new Topics();
    private final RecordedOutgoing sent = new RecordedOutgoing(false);
    private final RecordingHandler handler = new RecordingHandler();
    private final Connection connection = connection();

    /** Takes all, and never ends. */
    private final class Sink implements Transport {
        @Override
        public ByteBuffer room(int bytes) {
            return sent.room(bytes);
        }

        @Override
        public void write(ByteBuffer payload) {
            sent.write(payload);
        }

        @Override
        public boolean isInLoop() {
            return loop.isInLoop();
        }

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public long pendingBytes() {
            return 0;
        }

        @Override
        public boolean isCongested() {
            return false;
        }

        @Override
        public void whenFlushed(Runnable task) {
            loop.execute(task);
        }

        @Override
        public void setReading(boolean reading) {}

        @Override
        public void close() {}

        @Override
        public void abort() {}
    }

    private Connection connection() {
        Sink transport = new Sink();
        Protocol all = new WebSocketProtocol(
                Role.SERVER,
                Limits.DEFAULT,
                WebSocketHandler.Delivery.WHOLE,
                null,
                PermessageDeflate.DISABLED,
                loop.shared().workspace(),
                transport);
        Protocol textOnly = (Protocol) Proxy.newProxyInstance(
                Protocol.class.getClassLoader(),
                new Class<?>[] {Protocol.class},
                (proxy, method, arguments) ->
                        method.getName().equals("isTextOnly") ? true : method.invoke(all, arguments));
        topics.add(loop.shared());
        Timeouts timeouts = Timeouts.builder()
                .pingInterval(Duration.ofSeconds(1))
                .idle(Duration.ofSeconds(20))
                .build();
        return new Connection(
                textOnly,
                Role.SERVER,
                TestHandshake.of("/"),
                handler,
                new ConnectionSettings(
                        Limits.DEFAULT, timeouts, PermessageDeflate.DISABLED, topics, (socket, fault) -> {}),
                loop.shared(),
                transport);
    }

    @BeforeEach
    void open() {
        connection.onOpen();
    }

    private static ByteBuffer bytes() {
        return Hex.parse("01");
    }

    @Test
    void whatIsNoWholeTextIsRefusedAtTheCallerOnAnyThread() {
        ByteBuffer payload = bytes();
        List<Callable<?>> calls = List.of(
                () -> connection.send(payload),
                () -> connection.send(new SharedMessage(false, new byte[1])),
                () -> connection.sendAsync(payload),
                () -> connection.sendLatest("key", payload),
                () -> connection.sendTextPart(payload, true),
                () -> connection.sendBinaryPart(payload, true),
                () -> connection.ping(payload),
                () -> connection.pong(payload));
        List<Throwable> thrown = new ArrayList<>();
        for (Callable<?> call : calls) {
            assertThatThrownBy(call::call).isInstanceOf(UnsupportedOperationException.class);
            loop.elsewhere(() -> {
                try {
                    call.call();
                } catch (Exception e) {
                    thrown.add(e);
                }
            });
        }
        assertThat(thrown).hasSameSizeAs(calls).hasOnlyElementsOfType(UnsupportedOperationException.class);
        loop.run();
        assertThat(payload.remaining()).as("nothing was taken").isEqualTo(1);
        assertThat(sent.take().remaining()).isZero();
    }

    @Test
    void textIsSent() {
        assertThat(connection.send("a")).isEqualTo(SendStatus.SENT);
        assertThat(connection.send(new SharedMessage(true, new byte[] {'b'}))).isEqualTo(SendStatus.SENT);
        assertThat(Hex.format(sent.take())).isEqualTo("810161810162");
    }

    @Test
    void aBinaryMessageOfATopicIsDroppedAndCounted() {
        connection.subscribe("news");
        topics.publish("news", bytes());
        topics.publish("news", "a");
        loop.run();
        assertThat(Hex.format(sent.take())).isEqualTo("810161");
        assertThat(connection.droppedMessages()).isEqualTo(1);
        assertThat(handler.lines()).containsExactly("open", "dropped 1");
    }

    @Test
    void thereIsNoKeepaliveButAnIdleTimeout() {
        loop.pass(Duration.ofSeconds(19));
        assertThat(sent.take().remaining()).isZero();
        loop.pass(Duration.ofSeconds(3));
        assertThat(Hex.format(sent.take())).startsWith("88");
    }
}
