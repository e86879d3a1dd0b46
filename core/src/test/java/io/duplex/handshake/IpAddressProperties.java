package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The JDK reads the same bytes from each form of an address. */
class IpAddressProperties {
    private static void isReadAsByTheJdk(String text) throws UnknownHostException {
        byte[] expected = InetAddress.getByName(text).getAddress();
        byte[] actual = IpAddress.parse(text);
        assertThat(actual).as(text).isNotNull();
        // The JDK makes IPv4 addresses of those that are mapped into IPv6.
        assertThat(InetAddress.getByAddress(actual).getAddress()).as(text).isEqualTo(expected);
    }

    @Property
    void ofIpv4(@ForAll @Size(4) List<@IntRange(max = 255) Integer> octets) throws UnknownHostException {
        isReadAsByTheJdk(dotted(octets));
    }

    @Property
    void ofIpv6InFull(@ForAll("eightGroups") List<String> groups) throws UnknownHostException {
        isReadAsByTheJdk(String.join(":", groups));
    }

    @Property
    void ofIpv6WithGroupsLeftOut(
            @ForAll("eightGroups") List<String> groups,
            @ForAll @IntRange(max = 7) int before,
            @ForAll @IntRange(max = 7) int behind)
            throws UnknownHostException {
        int to = Math.min(7, before + behind);
        isReadAsByTheJdk(
                String.join(":", groups.subList(0, before)) + "::" + String.join(":", groups.subList(before, to)));
    }

    @Property
    void ofIpv6ThatEndsAsIpv4(
            @ForAll("eightGroups") List<String> groups,
            @ForAll @IntRange(max = 5) int before,
            @ForAll @IntRange(max = 5) int behind,
            @ForAll @Size(4) List<@IntRange(max = 255) Integer> octets)
            throws UnknownHostException {
        int to = Math.min(5, before + behind);
        StringBuilder text = new StringBuilder(String.join(":", groups.subList(0, before))).append("::");
        groups.subList(before, to).forEach(group -> text.append(group).append(':'));
        isReadAsByTheJdk(text.append(dotted(octets)).toString());
    }

    @Property
    void whatIsReadIsReadByTheJdkToo(@ForAll("near") String text) throws UnknownHostException {
        byte[] address = IpAddress.parse(text);
        if (address != null) {
            isReadAsByTheJdk(text);
            assertThat(address).hasSize(text.indexOf(':') < 0 ? 4 : 16);
        }
    }

    @Property
    void theFormOfTheJdkIsRead(@ForAll @Size(16) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);
        if (address instanceof Inet6Address) {
            assertThat(IpAddress.parse(address.getHostAddress())).isEqualTo(bytes);
        }
    }

    private static String dotted(List<Integer> octets) {
        return String.join(".", octets.stream().map(String::valueOf).toList());
    }

    @Provide
    Arbitrary<List<String>> eightGroups() {
        return Arbitraries.strings()
                .withChars("0123456789abcdefABCDEF")
                .ofMinLength(1)
                .ofMaxLength(4)
                .list()
                .ofSize(8);
    }

    @Provide
    Arbitrary<String> near() {
        return Arbitraries.strings().withChars("012af:.%[]").ofMaxLength(20);
    }
}
