package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionOfferTest {
    private static final String GOOD =
            "{\"session\":\"aZ09-_\",\"subprotocol\":\"chat\",\"via\":[\"websocket\",\"long\",\"pigeon\",4],"
                    + "\"holdMillis\":30000,\"expiryMillis\":60000,\"ackBytes\":32768,\"maxBlockBytes\":1048576,"
                    + "\"maxMessageBytes\":1000,\"later\":true}";

    @Test
    void whatTheServerSaysIsRead() {
        SessionOffer offer = SessionOffer.parse(GOOD);
        assertThat(offer.session()).isEqualTo("aZ09-_");
        assertThat(offer.subprotocol()).isEqualTo("chat");
        assertThat(offer.vias()).containsExactly(Via.WEBSOCKET, Via.LONG);
        assertThat(offer.hold()).isEqualTo(Duration.ofSeconds(30));
        assertThat(offer.expiry()).isEqualTo(Duration.ofMinutes(1));
        assertThat(offer.ackBytes()).isEqualTo(32768);
        assertThat(offer.maxBlockBytes()).isEqualTo(1048576);
        assertThat(offer.maxMessageBytes()).isEqualTo(1000);
    }

    @Test
    void numbersBeyondReasonAreCut() {
        SessionOffer offer = SessionOffer.parse(GOOD.replace("30000", "9000000000000000")
                .replace("60000", "9000000000000000")
                .replace(":1000,", ":9000000000000000,"));
        assertThat(offer.hold()).isEqualTo(Duration.ofMinutes(10));
        assertThat(offer.expiry()).isEqualTo(Duration.ofMinutes(10));
        assertThat(offer.maxMessageBytes()).isEqualTo(1048576 - Block.HEADER_BYTES - 5);
    }

    @ParameterizedTest
    @CsvSource({
        "aZ09-_, ''",
        "aZ09-_, 'a b'",
        "aZ09-_, a\\r\\nb",
        "\"chat\", 3",
        "'[\"websocket\",\"long\",\"pigeon\",4]', 1",
        "30000, 0",
        "60000, -1",
        "32768, 1.5",
        "1048576, 63",
        ":1000, :null",
    })
    void whatMakesNoSenseIsRefused(String good, String bad) {
        assertThat(GOOD).contains(good);
        assertThatThrownBy(() -> SessionOffer.parse(GOOD.replace(good, bad)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
