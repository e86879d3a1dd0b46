package io.duplex.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

class PacketsTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final PacketDecoder decoder = new PacketDecoder(MAPPER, 2, 10);

    /** The samples of the protocol's text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "0 | CONNECT | / | -1 | -",
                "0/admin, | CONNECT | /admin | -1 | -",
                "0/admin,{\"token\":\"123\"} | CONNECT | /admin | -1 | {\"token\":\"123\"}",
                "0/admin?a=b, | CONNECT | /admin | -1 | -",
                "1 | DISCONNECT | / | -1 | -",
                "1/admin, | DISCONNECT | /admin | -1 | -",
                "2[\"hello\",1] | EVENT | / | -1 | [\"hello\",1]",
                "2/admin,456[\"project:delete\",123] | EVENT | /admin | 456 | [\"project:delete\",123]",
                "3/admin,456[] | ACK | /admin | 456 | []",
                "2[1,2] | EVENT | / | -1 | [1,2]",
            })
    void aPacketIsReadFromItsText(String text, PacketType type, String namespace, long id, String data)
            throws PacketFault {
        Packet packet = decoder.text(text);

        assertThat(packet).isNotNull();
        assertThat(packet.type()).isEqualTo(type);
        assertThat(packet.namespace()).isEqualTo(namespace);
        assertThat(packet.id()).isEqualTo(id);
        assertThat(packet.data() == null ? null : packet.data().toString()).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "x",
                "2",
                "2{}",
                "2[]",
                "2[{}]",
                "2[\"disconnect\"]",
                "2[\"connect_error\",1]",
                "2[\"a\"",
                "2[\"a\"]x",
                "2abc",
                "0[]",
                "1{}",
                "3[]",
                "312{}",
                "4{\"message\":\"no\"}",
                "5[\"a\"]",
                "5-[\"a\"]",
                "53-[\"a\"]",
                "599999999999-[\"a\"]",
                "21234567890123456[\"a\"]"
            })
    void whatIsNoPacketIsRefused(String text) {
        assertThatThrownBy(() -> decoder.text(text)).isInstanceOf(PacketFault.class);
    }

    @Test
    void attachmentsTakeThePlaceOfTheirPlaceholders() throws PacketFault {
        assertThat(
                        decoder.text(
                                "52-/admin,7[\"a\",{\"x\":[{\"_placeholder\":true,\"num\":1}]},{\"_placeholder\":true,\"num\":0}]"))
                .isNull();
        assertThat(decoder.binary(ByteBuffer.wrap(new byte[] {1}))).isNull();
        Packet packet = decoder.binary(ByteBuffer.wrap(new byte[] {2, 3}));

        assertThat(packet).isNotNull();
        assertThat(packet.id()).isEqualTo(7);
        ArrayNode data = (ArrayNode) packet.data();
        assertThat(data).isNotNull();
        assertThat(data.at("/1/x/0").binaryValue()).containsExactly(2, 3);
        assertThat(data.get(2).binaryValue()).containsExactly(1);
    }

    @Test
    void aTextMayNotComeBetweenAPacketAndItsAttachments() throws PacketFault {
        decoder.text("51-[\"a\",{\"_placeholder\":true,\"num\":0}]");

        assertThatThrownBy(() -> decoder.text("2[\"a\"]")).hasMessageContaining("attachment was due");
    }

    @Test
    void anAttachmentMustHaveBeenAnnounced() {
        assertThatThrownBy(() -> decoder.binary(ByteBuffer.allocate(1))).hasMessageContaining("announced");
    }

    @Test
    void attachmentsHaveALimitTogether() throws PacketFault {
        decoder.text("52-[\"a\"]");
        decoder.binary(ByteBuffer.allocate(6));

        assertThatThrownBy(() -> decoder.binary(ByteBuffer.allocate(5))).hasMessageContaining("longer than 10");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"_placeholder\":true,\"num\":1}",
                "{\"_placeholder\":true,\"num\":-1}",
                "{\"_placeholder\":true}",
                "{\"_placeholder\":true,\"num\":\"0\"}"
            })
    void aPlaceholderMustStandForAnAttachment(String placeholder) throws PacketFault {
        decoder.text("51-[\"a\"," + placeholder + "]");

        assertThatThrownBy(() -> decoder.binary(ByteBuffer.allocate(1))).hasMessageContaining("no attachment");
    }

    @Test
    void binaryValuesAtAnyDepthBecomeAttachments() {
        ArrayNode data = MAPPER.valueToTree(List.of("a", List.of(new byte[] {1}), new byte[] {2, 3}));
        EncodedPacket encoded = EncodedPacket.of(new Packet(PacketType.EVENT, "/n", 5, data), MAPPER);

        assertThat(encoded.text())
                .isEqualTo("52-/n,5[\"a\",[{\"_placeholder\":true,\"num\":0}],{\"_placeholder\":true,\"num\":1}]");
        assertThat(encoded.attachments()).containsExactly(new byte[] {1}, new byte[] {2, 3});
    }

    @Test
    void aPacketWithoutBinaryValuesIsOneText() {
        ArrayNode data = JsonNodeFactory.instance.arrayNode().add("a").add(1);

        assertThat(EncodedPacket.of(new Packet(PacketType.ACK, "/", 12, data), MAPPER)
                        .text())
                .isEqualTo("312[\"a\",1]");
        assertThat(EncodedPacket.of(new Packet(PacketType.DISCONNECT, "/n", Packet.NO_ID, null), MAPPER)
                        .text())
                .isEqualTo("1/n,");
    }
}
