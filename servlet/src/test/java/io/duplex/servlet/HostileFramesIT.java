package io.duplex.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.Timeouts;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames that break a rule or a limit end the connection, whoever serves it (RFC 6455 §5, §7.1.7). */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"ALWAYS", "NEVER", "PORTABLE"})
@Timeout(180)
class HostileFramesIT {
    private static final int BOMB_BYTES = 256 << 20;

    @Parameter
    HandOff handOff;

    private final Member member = new Member();
    private ServletHost host;
    private TestTomcat tomcat;

    private RawClient open(Limits limits, String... moreFields) throws Exception {
        return open(limits, Duration.ofMillis(300), moreFields);
    }

    private RawClient open(Limits limits, Duration closeTimeout, String... moreFields) throws Exception {
        host = ServletHost.builder()
                .handOff(handOff)
                .limits(limits)
                .timeouts(Timeouts.builder().close(closeTimeout).build())
                .build();
        tomcat = new TestTomcat(false).route("/echo", host, handshake -> member).start();
        return RawClient.open(tomcat.port(), "/echo", moreFields);
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
        tomcat.close();
        assertThat(host.connections()).isZero();
    }

    private void requireFailed(RawClient raw, int code, ClosedBy cause) throws Exception {
        assertThat(raw.readClose()).isEqualTo(code);
        raw.awaitEnd();
        raw.close();
        CloseOutcome outcome = member.outcome();
        assertThat(outcome.closedBy()).isEqualTo(cause);
        assertThat(outcome.sent().code()).isEqualTo(code);
    }

    @ParameterizedTest
    @Covers({"WS-5.1-3", "WS-5.2-2", "WS-5.2-6", "WS-5.4-6", "WS-5.5-1", "WS-7.1.7-3"})
    @CsvSource({
        "81 02 6869, 1002, a frame that is not masked",
        "c1 80 00000000, 1002, a reserved bit",
        "a1 80 00000000, 1002, another",
        "83 80 00000000, 1002, a reserved opcode of data",
        "8b 80 00000000, 1002, a reserved opcode of control",
        "09 80 00000000, 1002, a Ping in fragments",
        "89 fe 007e 00000000, 1002, a Ping that is too long",
        "80 80 00000000, 1002, a continuation of nothing",
        "01 80 00000000 81 80 00000000, 1002, a message within another",
        "82 fe 007d 00000000, 1002, a length in more bytes than it takes",
        "82 ff 000000000000ffff 00000000, 1002, another",
        "82 ff 8000000000000000 00000000, 1002, a negative length",
        "81 81 00000000 ff, 1007, a text that is none",
        "88 81 00000000 03, 1002, half a code",
        "88 82 00000000 03ed, 1002, a code that may not be sent",
        "88 83 00000000 03e8ff, 1007, a reason that is no text",
        "82 ff 0000000001000000 00000000, 1009, a frame of 16 MiB"
    })
    void aViolationFailsTheConnection(String frame, int code, String what) throws Exception {
        try (RawClient raw = open(Limits.DEFAULT)) {
            raw.sendHex(frame);
            requireFailed(raw, code, code == 1009 ? ClosedBy.LIMIT : ClosedBy.PROTOCOL);
        }
    }

    @Test
    void framesAfterAViolationAreNotSeen() throws Exception {
        try (RawClient raw = open(Limits.DEFAULT)) {
            raw.sendHex("83 80 00000000" + RawClient.HELLO.repeat(100));
            requireFailed(raw, 1002, ClosedBy.PROTOCOL);
            assertThat(member.messages()).isZero();
        }
    }

    /** They may be another's, if a proxy in front has not understood the handshake. */
    @Test
    void bytesBehindTheHandshakeAreFramesAndNothingElse() throws Exception {
        open(Limits.DEFAULT).close();
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(RawClient.request("/echo") + "GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "");
            assertThat(raw.head()).startsWith("HTTP/1.1 101");
            assertThat(raw.readClose()).isEqualTo(1002);
            raw.awaitEnd();
        }
    }

    @Test
    @Covers("WS-10.4-2")
    void aCompressedMessageIsNotInflatedBeyondItsLimit() throws Exception {
        // Whoever is still sending is not cut meanwhile, however slow the machine.
        try (RawClient raw = open(
                Limits.builder().maxMessageBytes(1 << 20).build(),
                Duration.ofSeconds(30),
                "Sec-WebSocket-Extensions: permessage-deflate\r\n")) {
            byte[] payload = deflated(BOMB_BYTES);
            assertThat(payload.length).isLessThan(1 << 20);
            ByteBuffer header = ByteBuffer.allocate(14).put(Hex.parse("c2 ff"));
            raw.send(header.putLong(payload.length).putInt(0).array()).send(payload);
            requireFailed(raw, 1009, ClosedBy.LIMIT);
            assertThat(member.messages()).isZero();
        }
    }

    /** So many zeros, as permessage-deflate wants them (RFC 7692 §7.2.1). */
    private static byte[] deflated(int zeros) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] block = new byte[1 << 20];
        byte[] buffer = new byte[8192];
        for (int i = 0; i < zeros / block.length; i++) {
            deflater.setInput(block);
            for (int bytes; (bytes = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH)) > 0; ) {
                out.write(buffer, 0, bytes);
            }
        }
        deflater.end();
        return out.toByteArray();
    }

    @Test
    void maxFragmentsHolds() throws Exception {
        try (RawClient raw = open(Limits.builder().maxFragments(2).build())) {
            raw.sendHex("02 80 00000000 00 80 00000000 80 80 00000000");
            requireFailed(raw, 1009, ClosedBy.LIMIT);
        }
    }

    @Test
    void maxMessageBytesHoldsForFragments() throws Exception {
        try (RawClient raw = open(Limits.builder().maxMessageBytes(4).build())) {
            raw.sendHex("02 83 00000000 010203 80 82 00000000 0102");
            requireFailed(raw, 1009, ClosedBy.LIMIT);
        }
    }

    @Test
    void whoSendsTooMuchASecondIsClosedIfThatIsWanted() throws Exception {
        try (RawClient raw = open(Limits.builder()
                .rates(RateLimits.builder()
                        .controlFrames(1)
                        .excess(RateLimits.Excess.CLOSE)
                        .build())
                .build())) {
            raw.sendHex("89 80 00000000 89 80 00000000");
            assertThat(raw.readHex(4)).isEqualTo("8a008a00");
            assertThat(raw.readClose()).isEqualTo(1008);
            if (handOff != HandOff.PORTABLE) {
                // Streams of a servlet cannot cut a peer that does not answer.
                raw.awaitEnd();
            }
            assertThat(member.outcome().closedBy()).isEqualTo(ClosedBy.LIMIT);
        }
    }

    @Test
    void whoSendsTooManyMessagesASecondIsSlowedDown() throws Exception {
        try (RawClient raw = open(Limits.builder()
                .rates(RateLimits.builder().messages(20).build())
                .build())) {
            long start = System.nanoTime();
            raw.sendHex(RawClient.HELLO.repeat(40));
            assertThat(raw.read(40 * 7)).hasSize(40 * 7);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(700));
        }
    }
}
