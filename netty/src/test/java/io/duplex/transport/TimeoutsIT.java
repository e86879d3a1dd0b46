package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Timeouts;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of peers that say nothing. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
@Covers({"WS-POL-6", "WS-5.5.1-11", "WS-5.5.2-2"})
class TimeoutsIT {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration OFF = Duration.ZERO;

    @Parameter
    String io;

    private final Recorder recorder = new Recorder();

    private WebSocketServer server(Timeouts.Builder timeouts) {
        return WebSocketServer.builder()
                .port(0)
                .io(io)
                .timeouts(timeouts.close(SHORT).build())
                .route("/", handshake -> recorder)
                .start();
    }

    @Test
    void aQuietPeerIsPingedAndStaysAsLongAsItAnswers() throws Exception {
        // Time enough to answer on a slow machine, though the next Ping does not come before that is over.
        try (WebSocketServer server =
                        server(Timeouts.builder().pingInterval(SHORT).pong(Duration.ofSeconds(3)));
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            for (int i = 0; i < 3; i++) {
                assertThat(peer.readHex(2)).isEqualTo("8900");
                peer.sendHex("8a 80 00000000");
            }
            assertThat(recorder.pong()).isEmpty();
        }
    }

    @Test
    void aPeerThatDoesNotAnswerAPingIsGivenUp() throws Exception {
        try (WebSocketServer server =
                        server(Timeouts.builder().pingInterval(SHORT).pong(SHORT));
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            assertThat(peer.readHex(2)).isEqualTo("8900");
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.TIMEOUT);
            assertThat(outcome.detail()).isEqualTo("pong timeout of 0.2 s");
            assertThat(outcome.status().code()).isEqualTo(1006);
            peer.awaitEnd();
        }
    }

    @Test
    void anIdlePeerIsSentAwayWith1001() throws Exception {
        try (WebSocketServer server =
                        server(Timeouts.builder().pingInterval(OFF).idle(SHORT));
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            assertThat(peer.readHex(1)).isEqualTo("88");
            peer.readHex(1);
            assertThat(peer.readHex(2)).isEqualTo("03e9");
            // The peer does not answer the Close frame, so that a second timeout ends the wait.
            assertThat(recorder.outcome().detail()).startsWith("idle timeout of 0.2 s");
        }
    }

    @Test
    void aPeerThatDoesNotAnswerACloseFrameIsCut() throws Exception {
        try (WebSocketServer server = server(Timeouts.builder());
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            recorder.socket().close();
            assertThat(peer.readHex(4)).isEqualTo("880203e8");
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.clean()).isFalse();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.SELF);
            peer.awaitEnd();
        }
    }

    @Test
    void aPeerThatDoesNotEndTcpIsCut() throws Exception {
        try (WebSocketServer server = server(Timeouts.builder());
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            peer.sendHex("88 80 00000000");
            assertThat(peer.readHex(2)).isEqualTo("8800");
            peer.awaitEof();
            assertThat(recorder.outcome().clean()).isTrue();
        }
    }
}
