package io.duplex.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.duplex.DecodeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonCodecTest {
    private static final JsonCodec<Move> MOVES = JsonCodec.of(Move.class);

    record Move(String piece, int to) {
        Move {
            if (to < 0) {
                throw new IllegalArgumentException("to is " + to);
            }
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME)
    sealed interface Command {
        record Join(String room) implements Command {}

        record Leave(String room) implements Command {}
    }

    private static ByteBuffer utf8(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    private static int codeFor(String text) {
        return fault(text).closeCode();
    }

    private static DecodeException fault(String text) {
        return assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> MOVES.decodeText(utf8(text)))
                .actual();
    }

    @Test
    void valuesGoThereAndBack() {
        Move move = new Move("Springer \u265E", 63);
        assertThat(MOVES.encode(move).isText()).isTrue();
        assertThat(MOVES.encode(move).payload()).isEqualTo(utf8("{\"piece\":\"Springer \u265E\",\"to\":63}"));
        assertThat(MOVES.decodeText(MOVES.encode(move).payload())).isEqualTo(move);
    }

    @Test
    void onlyWhatStandsBetweenPositionAndLimitIsRead() {
        byte[] bytes = "}}{\"to\":5}{{".getBytes(StandardCharsets.UTF_8);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 1, 10).slice().position(1).limit(9);
        assertThat(MOVES.decodeText(heap)).isEqualTo(new Move(null, 5));
        ByteBuffer direct = ByteBuffer.allocateDirect(12).put(bytes).position(2).limit(10);
        assertThat(MOVES.decodeText(direct)).isEqualTo(new Move(null, 5));
        assertThat(MOVES.decodeText(heap.asReadOnlyBuffer())).isEqualTo(new Move(null, 5));
    }

    @Test
    void sealedTypesAreToldApartByTheirNames() {
        JsonCodec<Command> commands = JsonCodec.of(Command.class);
        ByteBuffer join = commands.encode(new Command.Join("java")).payload();
        assertThat(join).isEqualTo(utf8("{\"@type\":\"Join\",\"room\":\"java\"}"));
        assertThat(commands.decodeText(join)).isEqualTo(new Command.Join("java"));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> commands.decodeText(utf8("{\"@type\":\"java.lang.Runtime\"}")))
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1007));
    }

    @Test
    void typesWithParametersAreRead() {
        JsonCodec<Map<String, List<Move>>> games = JsonCodec.of(new JsonMapper(), new TypeReference<>() {});
        assertThat(games.decodeText(utf8("{\"1\":[{\"to\":5}]}"))).isEqualTo(Map.of("1", List.of(new Move(null, 5))));
    }

    @Test
    void newerPeersMayHavePropertiesMore() {
        assertThat(MOVES.decodeText(utf8("{\"to\":5,\"since\":[{}]}"))).isEqualTo(new Move(null, 5));
    }

    @Test
    void theLastOfTwoPropertiesWithOneNameCounts() {
        assertThat(MOVES.decodeText(utf8("{\"to\":5,\"to\":6}")).to()).isEqualTo(6);
    }

    @Test
    void theMapperOfTheApplicationCounts() {
        JsonMapper strict = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        JsonCodec<Move> moves = JsonCodec.of(strict, Move.class);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> moves.decodeText(utf8("{\"to\":5,\"since\":1}")))
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1007));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nonsense",
                "{\"to\":5",
                "{\"to\":5}}",
                "{\"to\":5}{\"to\":6}",
                "{'to':5}",
                "{\"to\":05}",
                "{\"to\":NaN}",
                "[]",
                "5",
                "null",
                "{\"to\":null}",
                "{\"to\":\"far\"}",
                "{\"to\":99999999999}",
                "{\"to\":1e999999999}",
                "{\"to\":-1}",
                "{\"piece\":{}}",
                "{\"piece\":\"\u0001\"}",
                "\u0000",
                "\u0000{\u0000}",
                "{\u0000\"\u0000"
            })
    void whatIsNotOfTheTypeIsInvalid(String text) {
        assertThat(codeFor(text)).isEqualTo(1007);
    }

    @Test
    void theFaultIsNamedAndThePeersWordsStayInTheCause() {
        assertThat(fault("{\"to\":\n \"<evil>\"}"))
                .hasMessageStartingWith("not io.duplex.jackson.JsonCodecTest$Move at line 2, column ")
                .hasMessageNotContaining("evil")
                .hasCauseInstanceOf(JacksonException.class);
        assertThat(fault("null")).hasMessage("not io.duplex.jackson.JsonCodecTest$Move: null");
    }

    @Test
    void nestingIsBounded() {
        JsonCodec<JsonNode> any = JsonCodec.of(JsonNode.class);
        int most = JsonCodec.MAX_NESTING;
        assertThat(any.decodeText(utf8("[".repeat(most) + "]".repeat(most))).isArray())
                .isTrue();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> any.decodeText(utf8("[".repeat(most + 1) + "]".repeat(most + 1))))
                .withMessageStartingWith("a limit is exceeded")
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1008));
        assertThat(codeFor("{\"unknown\":" + "[".repeat(500_000))).isEqualTo(1008);
    }

    @Test
    void numbersAreBounded() {
        JsonCodec<JsonNode> any = JsonCodec.of(JsonNode.class);
        int most = JsonCodec.MAX_NUMBER_LENGTH;
        assertThat(any.decodeText(utf8("1".repeat(most))).isNumber()).isTrue();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> any.decodeText(utf8("1".repeat(1_000_000))))
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1008));
    }

    @Test
    void namesAreBounded() {
        assertThat(MOVES.decodeText(utf8("{\"" + "n".repeat(JsonCodec.MAX_NAME_LENGTH / 2) + "\":1,\"to\":2}"))
                        .to())
                .isEqualTo(2);
        assertThat(codeFor("{\"" + "n".repeat(100_000) + "\":1}")).isEqualTo(1008);
    }

    @Test
    void binaryIsRefused() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> MOVES.decodeBinary(ByteBuffer.allocate(1)))
                .satisfies(fault -> assertThat(fault.closeCode()).isEqualTo(1003));
    }

    @Test
    void aValueThatCannotBeWrittenIsTheSendersFault() {
        record Loop(List<Object> self) {}
        Loop loop = new Loop(new ArrayList<>());
        loop.self().add(loop);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonCodec.of(Loop.class).encode(loop))
                .withMessageContaining("cannot be written as JSON")
                .withCauseInstanceOf(JacksonException.class);
    }

    @Test
    void loneSurrogatesAreEscapedSoThatTheTextIsUtf8() {
        Move move = new Move("\uD800", 1);
        assertThat(MOVES.encode(move).payload()).isEqualTo(utf8("{\"piece\":\"\\uD800\",\"to\":1}"));
        assertThat(MOVES.decodeText(MOVES.encode(move).payload())).isEqualTo(move);
    }
}
