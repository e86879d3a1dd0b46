package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeView;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** A service may show another handshake, which keeps the head all the same. */
    private static final class Shown extends HandshakeView {
        Shown(Handshake agreed) {
            super(agreed);
        }
    }

    @Test
    void aHeadCountsHoweverItsHandshakeIsShown() {
        HeaderFields fields = HeaderFields.builder()
                .add("Host", "server.test")
                .add("Cookie", "c".repeat(100_000))
                .build();
        RequestHead head = new RequestHead("GET", "/", HttpVersion.HTTP_1_1, fields);
        Handshake completed = new CompletedHandshake(
                head, new Agreement(null, "", null), HeaderFields.EMPTY, Map.of(), PEER, false, List.of());
        int bytes = RequestMemory.ofHead(head);

        assertThat(bytes).isGreaterThan(90_000);
        assertThat(RequestMemory.ofHead(completed)).isEqualTo(bytes);
        assertThat(RequestMemory.ofHead(new Shown(new GatedHandshake(completed, PEER, null, Map.of()))))
                .isEqualTo(bytes);
    }
}
