package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRaceTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1 10.0.0.2 ::1 ::2 ::3, 10.0.0.1:1 [0:0:0:0:0:0:0:1]:1 10.0.0.2:1 [0:0:0:0:0:0:0:2]:1 [0:0:0:0:0:0:0:3]:1",
        "::1 10.0.0.1 10.0.0.2 10.0.0.3, [0:0:0:0:0:0:0:1]:1 10.0.0.1:1 10.0.0.2:1 10.0.0.3:1",
        "10.0.0.2 10.0.0.1, 10.0.0.2:1 10.0.0.1:1",
    })
    void familiesTakeTurnsBeginningWithThatOfTheFirstAddress(String found, String ordered) throws UnknownHostException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String address : found.split(" ", -1)) {
            addresses.add(new InetSocketAddress(InetAddress.getByName(address), 1));
        }
        assertThat(AddressRace.interleaved(addresses).stream().map(AddressRace::text))
                .containsExactly(ordered.split(" ", -1));
    }
}
