package io.duplex.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.Vectors;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every frame vector, whole, byte by byte and in two pieces at every place: events, answers and outcome are the same. */
class FrameVectorsTest {
    /** Longer inputs are cut near their ends and at some places between, for there are too many. */
    private static final int MAX_BYTES_CUT_EVERYWHERE = 2048;

    private static final DeflateParameters DEFLATE = new DeflateParameters(false, false, 15, 15);

    static Stream<Arguments> frames() {
        return Vectors.read("frames.json", "frames")
                .map(vector -> Arguments.of(vector.required("id").asText(), vector));
    }

    static Stream<Arguments> compressedFrames() {
        return Vectors.read("deflate.json", "frames")
                .map(vector -> Arguments.of(vector.required("id").asText(), vector));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    @Covers({
        "WS-5.1-2",
        "WS-5.1-4",
        "WS-5.2-1",
        "WS-5.2-3",
        "WS-5.2-4",
        "WS-5.2-5",
        "WS-5.2-6",
        "WS-5.2-7",
        "WS-5.2-8",
        "WS-5.2-10",
        "WS-5.2-11",
        "WS-5.3-4",
        "WS-5.3-5",
        "WS-5.4-1",
        "WS-5.4-2",
        "WS-5.4-6",
        "WS-5.4-7",
        "WS-5.4-9",
        "WS-5.5-2",
        "WS-5.5-3",
        "WS-5.5.1-2",
        "WS-5.5.1-5",
        "WS-5.5.1-6",
        "WS-5.5.2-3",
        "WS-5.5.3-2",
        "WS-5.5.3-5",
        "WS-5.6-1",
        "WS-5.6-2",
        "WS-5.6-4",
        "WS-6.2-1",
        "WS-6.2-3",
        "WS-6.2-4",
        "WS-6.2-6",
        "WS-7.1.5-1",
        "WS-7.1.7-5",
        "WS-7.4.1-9",
        "WS-7.4.2-1",
        "WS-8.1-3",
        "WS-10.4-1",
        "WS-10.4-2",
        "WS-10.4-3",
        "WS-10.7-1"
    })
    void givesWhatTheVectorSays(String id, JsonNode vector) {
        Role receiver = vector.required("receiver").asText().equals("client") ? Role.CLIENT : Role.SERVER;
        Limits limits = vector.has("max_message")
                ? Limits.builder()
                        .maxMessageBytes(vector.get("max_message").intValue())
                        .build()
                : Limits.DEFAULT;
        checkEverywhere(() -> script(receiver).limits(limits), receiver, bytes(vector.required("wire")), vector);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("compressedFrames")
    @Covers({"PMD-6-1", "PMD-6-2", "PMD-6.1-3", "PMD-6.1-4", "PMD-6.1-5", "PMD-6.2-1", "PMD-6.2-2", "PMD-7.2.3-8"})
    void givesWhatTheVectorSaysWithCompression(String id, JsonNode vector) {
        checkEverywhere(
                () -> Script.server().compression(DEFLATE, PermessageDeflate.DEFAULT),
                Role.SERVER,
                Hex.parse(vector.required("wire").asText()),
                vector);
    }

    private static Script script(Role role) {
        return role == Role.CLIENT ? Script.client() : Script.server();
    }

    private static void checkEverywhere(Supplier<Script> scripts, Role role, ByteBuffer wire, JsonNode vector) {
        check(scripts.get().receive(wire), role, vector);
        check(scripts.get().direct().receiveIn(1, wire), role, vector);
        check(scripts.get().inParts().receive(wire), role, vector);
        check(scripts.get().inParts().receiveIn(1, wire), role, vector);
        int length = wire.remaining();
        IntStream cuts = IntStream.range(1, length);
        if (length > MAX_BYTES_CUT_EVERYWHERE) {
            cuts = IntStream.concat(
                    IntStream.concat(IntStream.range(1, 40), IntStream.range(length - 40, length)),
                    IntStream.rangeClosed(1, 20).map(i -> length / 21 * i));
        }
        cuts.forEach(cut ->
                check(scripts.get().receive(wire.slice(0, cut)).receive(wire.slice(cut, length - cut)), role, vector));
    }

    private static void check(Script script, Role role, JsonNode vector) {
        List<String> expected = new ArrayList<>();
        vector.required("events").forEach(event -> expected.add(line(event)));
        Wire replies = Wire.of(role);
        for (JsonNode reply : vector.required("replies")) {
            int opcode = reply.required("opcode").intValue();
            byte[] payload = array(bytes(List.of(reply)));
            // We answer a Close with its code alone.
            replies.frame(0x80 | opcode, opcode == 8 ? prefix(payload) : payload);
        }
        WebSocketProtocol protocol = script.protocol();
        String outcome = vector.required("outcome").asText();
        if (outcome.equals("fail")) {
            assertThat(protocol.violation()).isNotNull();
            expected.add("FAILED " + protocol.violation().name());
            replies.close(
                    vector.required("code").intValue(), protocol.violation().description());
            assertThat(protocol.transportIntent()).isEqualTo(TransportIntent.CLOSE);
        } else if (outcome.equals("closed")) {
            assertThat(protocol.closeReceived()).isNotNull();
            assertThat(protocol.transportIntent())
                    .isEqualTo(role == Role.SERVER ? TransportIntent.CLOSE : TransportIntent.AWAIT_PEER_CLOSE);
        } else {
            assertThat(protocol.state()).isEqualTo(ReadyState.OPEN);
        }
        assertThat(script.joinedEvents()).isEqualTo(expected);
        assertThat(script.sent()).isEqualTo(Hex.format(replies.buffer()));
        assertThat(script.end().buffers().outstanding()).isZero();
    }

    private static byte[] prefix(byte[] closeBody) {
        return closeBody.length == 0 ? closeBody : new byte[] {closeBody[0], closeBody[1]};
    }

    private static String line(JsonNode event) {
        return switch (event.required("type").asText()) {
            case "text" ->
                line(
                        "TEXT",
                        event.has("data")
                                ? event.get("data").asText()
                                : new String(array(bytes(List.of(event))), UTF_8));
            case "binary" -> line("BINARY", Hex.format(bytes(List.of(event))));
            case "ping" -> line("PING", Hex.format(bytes(List.of(event))));
            case "pong" -> line("PONG", Hex.format(bytes(List.of(event))));
            case "close" ->
                "CLOSE_RECEIVED "
                        + (event.required("code").asText() + " "
                                        + event.required("reason").asText())
                                .strip();
            default -> throw new AssertionError(event);
        };
    }

    private static String line(String name, String content) {
        return content.isEmpty() ? name : name + " " + content;
    }

    /** Pieces in hex, or a byte and how often. */
    private static ByteBuffer bytes(Iterable<JsonNode> pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (JsonNode piece : pieces) {
            String hex = piece.has("hex")
                    ? piece.get("hex").asText()
                    : piece.required("fill")
                            .asText()
                            .repeat(piece.required("count").intValue());
            all.writeBytes(array(Hex.parse(hex)));
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    private static byte[] array(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }
}
