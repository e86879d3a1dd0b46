package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads with which a connection has more to do than others should wait for. */
class LongTurnsTest {
    private static final int MESSAGES = 200;

    private final List<String> taken = new ArrayList<>();
    /** What had been taken when others had their turn. */
    private final List<Integer> seen = new ArrayList<>();

    private TestConnection connection;
    private Duration each = Duration.ofMillis(1);

    private final WebSocketHandler slow = new WebSocketHandler() {
        @Override
        public void onText(WebSocket socket, String text) {
            connection.loop().take(each);
            taken.add(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            connection.loop().take(each);
            taken.add("binary");
        }
    };

    private static String[] messages() {
        return Stream.iterate(0, i -> i + 1)
                .limit(MESSAGES)
                .map(String::valueOf)
                .toArray(String[]::new);
    }

    /** Somebody else on the loop. */
    private void look() {
        seen.add(taken.size());
        if (taken.size() < MESSAGES) {
            connection.loop().execute(this::look);
        }
    }

    private void sendTogether() {
        connection.loop().execute(this::look);
        connection.peer().sendTogether(messages());
        connection.run();
        assertThat(taken).containsExactly(messages());
    }

    @Test
    void othersHaveTheirTurnBetweenMessagesThatTakeLong() {
        connection = TestConnection.open(slow);
        sendTogether();
        int before = 0;
        for (int now : seen) {
            assertThat(now - before).isLessThanOrEqualTo(2 * Intake.LOOK_EVENTS);
            before = now;
        }
    }

    @Test
    void messagesThatTakeNoTimeAreTakenInOneTurn() {
        each = Duration.ZERO;
        connection = TestConnection.open(slow);
        sendTogether();
        assertThat(seen).containsAnyOf(0, MESSAGES).allMatch(count -> count == 0 || count == MESSAGES);
    }

    @Test
    void compressedMessagesCountForMore() {
        connection = TestConnection.builder(slow)
                .compression(PermessageDeflate.builder().thresholdBytes(0).build())
                .open();
        sendTogether();
        assertThat(seen).hasSizeGreaterThan(MESSAGES / 8);
    }

    @Test
    void whoEndsInTheMidstOfItIsDoneWith() {
        connection = TestConnection.open(slow);
        connection.loop().execute(this::abortSoon);
        connection.peer().sendTogether(messages());
        connection.run();
        assertThat(taken).hasSizeBetween(1, MESSAGES - 1);
        assertThat(connection.handler().lines()).last().asString().startsWith("close 1006");
        assertThat(connection.loop().lentBuffers()).isZero();
    }

    private void abortSoon() {
        if (taken.isEmpty()) {
            connection.loop().execute(this::abortSoon);
        } else {
            connection.socket().abort();
        }
    }
}
