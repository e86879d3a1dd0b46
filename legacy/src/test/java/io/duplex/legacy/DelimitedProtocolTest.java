package io.duplex.legacy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.protocol.Event;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.TransportIntent;
import io.duplex.protocol.Workspace;
import io.duplex.testkit.CountingBuffers;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.RecordedOutgoing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DelimitedProtocolTest {
    private static final int MAX_BYTES = 1000;

    private final CountingBuffers buffers = new CountingBuffers(false);
    private final RecordedOutgoing sent = new RecordedOutgoing(false);
    private final Workspace workspace = new Workspace(buffers, () -> 0, new DeflatePool());

    private record Case(JsonNode vector, boolean hasClosingHandshake) {
        @Override
        public String toString() {
            return vector.required("id").asText() + (hasClosingHandshake ? " 76" : " 75");
        }
    }

    static Stream<Case> frames() {
        return Vectors.read("frames").flatMap(vector -> {
            List<Case> cases = new ArrayList<>();
            vector.required("drafts")
                    .forEach(draft -> cases.add(new Case(vector, draft.asText().equals("76"))));
            return cases.stream();
        });
    }

    private DelimitedProtocol protocol(boolean hasClosingHandshake, Delivery delivery) {
        Limits limits = Limits.builder().maxMessageBytes(MAX_BYTES).build();
        return new DelimitedProtocol(hasClosingHandshake, limits, delivery, workspace, sent);
    }

    private DelimitedProtocol hixie76() {
        return protocol(true, Delivery.WHOLE);
    }

    @AfterEach
    void allMemoryIsBack() {
        workspace.close();
        assertThat(buffers.outstanding()).isZero();
    }

    /** What comes of {@code in}, read as it is. */
    private static List<String> events(DelimitedProtocol protocol, ByteBuffer in) {
        List<String> events = new ArrayList<>();
        for (Event event; (event = protocol.receive(in)) != null; ) {
            String text = UTF_8.decode(protocol.payload().duplicate()).toString();
            events.add(event == Event.TEXT ? "text " + text : event.toString());
        }
        assertThat(in.hasRemaining()).isFalse();
        return events;
    }

    private static List<String> expected(JsonNode vector) {
        List<String> expected = new ArrayList<>();
        vector.required("events")
                .forEach(event -> expected.add(
                        event.required("type").asText().equals("text")
                                ? "text " + event.required("data").asText()
                                : "CLOSE_RECEIVED"));
        return expected;
    }

    @ParameterizedTest
    @MethodSource("frames")
    @Covers({"HXF-1", "HXF-2", "HXF-3", "HXF-4", "HXF-5", "HX75-4"})
    void eachVectorGivesItsEventsHoweverItIsSplit(Case frame) {
        byte[] bytes = Hex.parse(frame.vector.required("hex").asText()).array();
        for (int split = 0; split <= bytes.length; split++) {
            DelimitedProtocol protocol = protocol(frame.hasClosingHandshake, Delivery.WHOLE);
            List<String> events = new ArrayList<>(events(protocol, ByteBuffer.wrap(bytes, 0, split)));
            events.addAll(events(protocol, ByteBuffer.wrap(bytes, split, bytes.length - split)));
            assertThat(events).as("split at %d", split).isEqualTo(expected(frame.vector));
            boolean closes = frame.vector.required("outcome").asText().equals("closed");
            assertThat(protocol.state()).isEqualTo(closes ? ReadyState.CLOSING : ReadyState.OPEN);
            assertThat(protocol.transportIntent())
                    .isEqualTo(closes ? TransportIntent.CLOSE : TransportIntent.KEEP_OPEN);
            assertThat(Hex.format(sent.take())).isEqualTo(closes ? "ff00" : "");
            protocol.receiveEof();
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void eachVectorGivesItsEventsByteByByte(Case frame) {
        DelimitedProtocol protocol = protocol(frame.hasClosingHandshake, Delivery.WHOLE);
        List<String> events = new ArrayList<>();
        for (byte octet : Hex.parse(frame.vector.required("hex").asText()).array()) {
            events.addAll(events(protocol, ByteBuffer.wrap(new byte[] {octet})));
        }
        assertThat(events).isEqualTo(expected(frame.vector));
        protocol.receiveEof();
    }

    @Test
    @Covers("HXF-1")
    void textStandsBetweenItsTwoOctets() {
        DelimitedProtocol protocol = hixie76();
        protocol.sendText("Hello");
        protocol.sendText("");
        protocol.sendText(ByteBuffer.wrap("€".getBytes(UTF_8)));
        protocol.sendShared(new SharedMessage(true, new byte[] {'a'}));
        assertThat(Hex.format(sent.take())).isEqualTo("0048656c6c6fff" + "00ff" + "00e282acff" + "0061ff");
        String big = "x".repeat(5000);
        protocol.sendText(big);
        assertThat(UTF_8.decode(sent.take().position(1).limit(5001)).toString()).isEqualTo(big);
    }

    @Test
    void aTextThatIsNotUtf8IsNotSent() {
        assertThatIllegalArgumentException().isThrownBy(() -> hixie76().sendText(Hex.parse("ff")));
        assertThat(sent.take().remaining()).isZero();
    }

    @Test
    void whatWasReceivedIsSentOnWithoutASecondLook() {
        DelimitedProtocol protocol = hixie76();
        assertThat(protocol.receive(Hex.parse("00c3a4ff"))).isEqualTo(Event.TEXT);
        assertThat(protocol.isLentText(protocol.payload())).isTrue();
        assertThat(protocol.isLentText(protocol.payload().duplicate())).isFalse();
        protocol.sendText(protocol.payload());
        assertThat(Hex.format(sent.take())).isEqualTo("00c3a4ff");
        assertThat(protocol.isLentText(protocol.payload())).as("moved on").isFalse();
        protocol.receive(ByteBuffer.allocate(0));
        assertThat(protocol.payload().hasRemaining()).isFalse();
    }

    @Test
    void aHandlerOfPartsGetsAMessageAsOne() {
        DelimitedProtocol protocol = protocol(true, Delivery.PARTS);
        assertThat(protocol.receive(Hex.parse("0061"))).isNull();
        assertThat(protocol.receive(Hex.parse("62ff"))).isEqualTo(Event.TEXT_PART);
        assertThat(Hex.format(protocol.payload())).isEqualTo("6162");
        assertThat(protocol.isLastPart()).isTrue();
        assertThat(protocol.isLentText(protocol.payload())).isFalse();
        protocol.receiveEof();
    }

    static Stream<Consumer<DelimitedProtocol>> notThere() {
        return Stream.of(
                protocol -> protocol.sendBinary(Hex.parse("01")),
                protocol -> protocol.sendShared(new SharedMessage(false, new byte[1])),
                protocol -> protocol.sendValidTextPart(Hex.parse("61"), true),
                protocol -> protocol.sendBinaryPart(Hex.parse("61"), true),
                protocol -> protocol.sendPing(Hex.parse("")),
                protocol -> protocol.sendPong(Hex.parse("")));
    }

    @ParameterizedTest
    @MethodSource("notThere")
    @Covers("HXF-6")
    void whatTheFramingHasNoFormForIsNotSent(Consumer<DelimitedProtocol> sending) {
        DelimitedProtocol protocol = hixie76();
        ThrowingCallable call = () -> sending.accept(protocol);
        assertThatThrownBy(call).isInstanceOf(UnsupportedOperationException.class);
        assertThat(protocol.isTextOnly()).isTrue();
        assertThat(protocol.isSendingParts()).isFalse();
        assertThat(sent.take().remaining()).isZero();
    }

    // Limits

    private static String repeat(String hex, int times) {
        return hex.repeat(times);
    }

    @Test
    @Covers("HXF-7")
    void endlessTextIsCutAtTheLimit() {
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse("00" + repeat("61", MAX_BYTES)))).isEmpty();
        assertThat(buffers.outstandingBytes()).isLessThanOrEqualTo(2 * MAX_BYTES);
        assertThat(events(protocol, Hex.parse("61"))).containsExactly("FAILED");
        assertFailed(protocol, Violation.MESSAGE_TOO_BIG);
        assertThat(buffers.outstanding()).as("at once").isZero();
    }

    @Test
    @Covers("HXF-7")
    void aTextOfTheLimitIsTaken() {
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse("00" + repeat("61", MAX_BYTES) + "ff")))
                .hasSize(1);
        assertThat(events(protocol, Hex.parse("00" + repeat("61", MAX_BYTES + 1) + "ff")))
                .containsExactly("FAILED");
    }

    @Test
    @Covers({"HXF-5", "HXF-7"})
    void replacedTextIsBoundTooAndSoIsNotThreeTimesTheLimit() {
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse("00" + repeat("80", MAX_BYTES) + "ff")))
                .containsExactly("FAILED");
        assertFailed(protocol, Violation.MESSAGE_TOO_BIG);
    }

    @ParameterizedTest
    @CsvSource({
        "01, 61, MESSAGE_TOO_BIG", // a type that is dropped, without an end
        "80, ff, FRAME_TOO_BIG", // a length without an end
        "80, 80, FRAME_TOO_BIG", // the same of zeros
        "fe, 8f, FRAME_TOO_BIG"
    })
    @Covers("HXF-7")
    @Tag("CVE-2026-54463")
    @Tag("CVE-2026-54466")
    void whatIsDroppedIsBoundToo(String type, String octet, Violation violation) {
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse(type + repeat(octet, MAX_BYTES + 1))))
                .containsExactly("FAILED");
        assertFailed(protocol, violation);
    }

    @Test
    @Covers("HXF-7")
    void nineGroupsOfZerosAreALengthAndTenAreNone() {
        DelimitedProtocol protocol = protocol(false, Delivery.WHOLE);
        assertThat(events(protocol, Hex.parse("80" + repeat("80", 8) + "00" + "0061ff")))
                .containsExactly("text a");
        assertThat(events(protocol, Hex.parse("80" + repeat("80", 9) + "00"))).containsExactly("FAILED");
    }

    private void assertFailed(DelimitedProtocol protocol, Violation violation) {
        assertThat(protocol.violation()).isEqualTo(violation);
        assertThat(protocol.transportIntent()).isEqualTo(TransportIntent.CLOSE);
        assertThat(Hex.format(sent.take())).isEqualTo("ff00");
        assertThat(events(protocol, Hex.parse("0061ff")))
                .as("nothing more is read")
                .isEmpty();
    }

    @Test
    void onlyATextWithoutItsEndGrowsOlder() {
        DelimitedProtocol protocol = hixie76();
        assertThat(protocol.growOlder(1)).isZero();
        events(protocol, Hex.parse("0061"));
        assertThat(protocol.growOlder(1)).isEqualTo(1);
        assertThat(protocol.growOlder(1)).isEqualTo(2);
        assertThat(protocol.growOlder(2)).as("in another shortage").isEqualTo(1);
        events(protocol, Hex.parse("ff0061"));
        assertThat(protocol.growOlder(1)).isEqualTo(1);
        protocol.receiveEof();
        assertThat(protocol.growOlder(1)).isZero();
    }

    @Test
    void whereNoMemoryIsLentTheConnectionFails() {
        buffers.lendAtMost(0);
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse("0061"))).containsExactly("FAILED");
        assertFailed(protocol, Violation.NO_MEMORY);
        assertThat(protocol.loseInput()).isFalse();
        DelimitedProtocol other = hixie76();
        assertThat(other.loseInput()).isTrue();
        assertFailed(other, Violation.NO_MEMORY);
    }

    // Closing

    @Test
    @Covers({"HXF-4", "HXF-8"})
    void afterItsOwnCloseItWaitsForThePeers() {
        DelimitedProtocol protocol = hixie76();
        protocol.close(new CloseStatus(1001, "no place for this"));
        protocol.close(CloseStatus.NO_STATUS);
        assertThat(Hex.format(sent.take())).as("once").isEqualTo("ff00");
        assertThat(protocol.state()).isEqualTo(ReadyState.CLOSING);
        assertThat(protocol.transportIntent()).isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
        assertThat(protocol.closeSent()).isEqualTo(CloseStatus.NO_STATUS);
        assertThat(events(protocol, Hex.parse("0061ffff00"))).containsExactly("text a", "CLOSE_RECEIVED");
        assertThat(protocol.closeReceived()).isEqualTo(CloseStatus.NO_STATUS);
        assertThat(protocol.transportIntent()).isEqualTo(TransportIntent.CLOSE);
        assertThat(sent.take().remaining()).isZero();
        protocol.receiveEof();
        assertThat(protocol.state()).isEqualTo(ReadyState.CLOSED);
    }

    @Test
    @Covers("HX75-4")
    void hixie75ClosesByTheEndOfTcpAlone() {
        DelimitedProtocol protocol = protocol(false, Delivery.WHOLE);
        protocol.close(CloseStatus.NO_STATUS);
        assertThat(sent.take().remaining()).isZero();
        assertThat(protocol.transportIntent()).isEqualTo(TransportIntent.CLOSE);
        assertThat(protocol.closeSent()).isNull();
        assertThatIllegalStateException().isThrownBy(() -> protocol.sendText("late"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00616263", "0161", "8003", "80"})
    void anEndInTheMidstOfAFrameGivesAllBack(String hex) {
        DelimitedProtocol protocol = hixie76();
        assertThat(events(protocol, Hex.parse(hex))).isEmpty();
        protocol.receiveEof();
        assertThat(protocol.state()).isEqualTo(ReadyState.CLOSED);
        assertThat(protocol.closeReceived()).isNull();
    }
}
