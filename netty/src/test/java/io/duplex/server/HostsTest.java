package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names are served, and that a page cannot choose one (DNS rebinding). */
class HostsTest {
    private static RequestHead request(String host, boolean ofPage) {
        HeaderFields.Builder fields = HeaderFields.builder().add("Host", host);
        if (ofPage) {
            fields.add("Origin", "http://" + host);
        }
        return new RequestHead("GET", "/", HttpVersion.HTTP_1_1, fields.build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8080",
                "LOCALHOST.",
                "app.localhost:1",
                "127.0.0.1:80",
                "[::1]:80",
                "10.1.2.3"
            })
    void aLocalServerServesPagesOfLocalNamesAndAddresses(String host) {
        assertThat(Hosts.LOCAL.serves(request(host, true))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rebound.example",
                "rebound.example:8080",
                "notlocalhost",
                "localhost.example",
                "127.0.0.1.example"
            })
    void aLocalServerServesNoPagesOfOtherNames(String host) {
        assertThat(Hosts.LOCAL.serves(request(host, true))).isFalse();
        assertThat(Hosts.LOCAL.serves(request(host, false))).isTrue();
        assertThat(Hosts.ALL.serves(request(host, true))).isTrue();
    }

    @Test
    void namesThatAreGivenHoldForAll() {
        Hosts hosts = Hosts.of("Chat.example", "*.star.example.");
        for (String served :
                new String[] {"chat.example:443", "chat.example.", "a.star.example", "a.b.star.example", "[::1]"}) {
            assertThat(hosts.serves(request(served, false))).as(served).isTrue();
        }
        for (String other : new String[] {"star.example", "a.chat.example", "localhost", "example"}) {
            assertThat(hosts.serves(request(other, false))).as(other).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "https://chat.example", "chat.example:443", "*", "*.", "a.*.example", "a b"})
    void whatIsNoNameIsRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Hosts.of(name));
        assertThatIllegalArgumentException().isThrownBy(Hosts::of);
    }
}
