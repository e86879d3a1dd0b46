package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
    private static InetSocketAddress address(String ip) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(ip), 4711);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "192.0.2.128/25, 192.0.2.200, true",
        "192.0.2.128/25, 192.0.2.100, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/33, 2001:db8:ffff::1, false",
        "::1, ::1, true",
        "::127.0.0.1, ::7f00:1, true",
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
    })
    void containTheAddressesWithTheirPrefix(String network, String ip, boolean contained) throws Exception {
        assertThat(Networks.parse(network).contains(address(ip))).isEqualTo(contained);
    }

    @Test
    void areSeveralAndMayIncludeUnixSockets() throws Exception {
        Networks networks = Networks.parse("10.0.0.0/8", "unix");
        assertThat(networks.contains(address("10.0.0.1"))).isTrue();
        assertThat(networks.contains(UnixDomainSocketAddress.of("/run/proxy"))).isTrue();
        assertThat(Networks.parse("::/0").contains(UnixDomainSocketAddress.of("/run/proxy")))
                .isFalse();
        assertThat(networks.contains(InetSocketAddress.createUnresolved("proxy.test", 1)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "proxy.example",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "10.0.0.1/8",
                "::1/129",
                "1.2.3",
                "01.2.3.4",
                "[::1]",
                "fe80::1%eth0",
                "10.0.0.0/0008"
            })
    void areWrittenAsAddressesAndPrefixLengths(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.parse(text))
                .withMessageContaining("\"" + text + "\"");
    }

    @Test
    void areNotNone() {
        assertThatIllegalArgumentException().isThrownBy(Networks::parse).withMessage("no network is named");
    }
}
