package io.duplex.engineio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers({"EIO-2", "EIO-4", "EIO-14"})
class PayloadTest {
    /** The vectors EIO-1 to EIO-10; a comma stands for U+001E, and packets are shown as type and text or hex. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4hello | MESSAGE hello",
                "4hello,2,4world | MESSAGE hello; PING; MESSAGE world",
                "4hello,bAQIDBA== | MESSAGE hello; BINARY 01020304",
                "2probe | PING probe",
                "3probe | PONG probe",
                "5 | UPGRADE",
                "6 | NOOP",
                "1 | CLOSE",
                "4€ | MESSAGE €",
                "4 | MESSAGE",
            })
    void aBodyIsReadAndWritten(String body, String packets) throws PayloadFault {
        ByteBuffer bytes = ByteBuffer.wrap(body.replace(',', '\u001e').getBytes(UTF_8));
        List<EnginePacket> read = Payload.decode(bytes.duplicate());

        assertThat(String.join("; ", read.stream().map(PayloadTest::show).toList()))
                .isEqualTo(packets);
        assertThat(Payload.encode(read)).isEqualTo(bytes);
    }

    private static String show(EnginePacket packet) {
        ByteBuffer data = packet.data().duplicate();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        String content =
                packet.type() == PacketType.BINARY ? HexFormat.of().formatHex(bytes) : new String(bytes, UTF_8);
        return (packet.type() + " " + content).trim();
    }

    /** The vectors EIO-BAD-1 to 5. */
    @ParameterizedTest
    @ValueSource(strings = {"", "7x", "x", "b*", "4a\u001e"})
    void whatIsNoPayloadIsRefused(String body) {
        assertThatThrownBy(() -> Payload.decode(ByteBuffer.wrap(body.getBytes(UTF_8))))
                .isInstanceOf(PayloadFault.class);
    }

    @Test
    void aTextThatHasASeparatorDoesNotFitIntoABody() {
        assertThat(Payload.fits(EnginePacket.of(PacketType.MESSAGE, "a\u001eb")))
                .isFalse();
        assertThat(Payload.fits(EnginePacket.of(PacketType.MESSAGE, "ab"))).isTrue();
        assertThat(Payload.fits(new EnginePacket(PacketType.BINARY, ByteBuffer.wrap(new byte[] {0x1E}))))
                .isTrue();
    }
}
