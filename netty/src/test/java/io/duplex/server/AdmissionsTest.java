package io.duplex.server;

import static io.duplex.server.Admissions.Verdict.ADMITTED;
import static io.duplex.server.Admissions.Verdict.SURPLUS;
import static io.duplex.server.Admissions.Verdict.TURNED_AWAY;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.server.Admissions.Count;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class AdmissionsTest {
    private static InetSocketAddress address(String ip) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(ip), 4711);
    }

    private static Count enter(Admissions admissions, String ip) throws Exception {
        return Objects.requireNonNull(admissions.enter(address(ip)));
    }

    @Test
    void aboveTheLimitSomeAreToldSoAndTheRestIsTurnedAway() {
        Admissions admissions = new Admissions(2, 0, true);
        assertThat(admissions.enter()).isEqualTo(ADMITTED);
        assertThat(admissions.enter()).isEqualTo(ADMITTED);
        for (int i = 0; i < 16; i++) {
            assertThat(admissions.enter()).isEqualTo(SURPLUS);
        }
        assertThat(admissions.enter()).isEqualTo(TURNED_AWAY);
        assertThat(admissions.sockets()).isEqualTo(18);
        for (int i = 0; i < 17; i++) {
            admissions.leave();
        }
        assertThat(admissions.enter()).isEqualTo(ADMITTED);
    }

    @Test
    void addressesAreCountedEachOnItsOwn() throws Exception {
        Admissions admissions = new Admissions(1000, 1, true);
        Count first = enter(admissions, "192.0.2.1");
        assertThat(admissions.verdict(first)).isEqualTo(ADMITTED);
        assertThat(admissions.verdict(enter(admissions, "192.0.2.2"))).isEqualTo(ADMITTED);
        Count second = enter(admissions, "192.0.2.1");
        assertThat(admissions.verdict(second)).isEqualTo(SURPLUS);
        admissions.leave(first);
        assertThat(admissions.verdict(second)).isEqualTo(ADMITTED);
        List<Count> more = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            more.add(enter(admissions, "192.0.2.1"));
        }
        assertThat(admissions.verdict(more.get(16))).isEqualTo(TURNED_AWAY);
    }

    @Test
    void anIpv6NetworkOf64BitsIsOneAddress() throws Exception {
        Admissions admissions = new Admissions(1000, 1, true);
        enter(admissions, "2001:db8:0:1::1");
        assertThat(admissions.verdict(enter(admissions, "2001:db8:0:1:ffff::2")))
                .isEqualTo(SURPLUS);
        assertThat(admissions.verdict(enter(admissions, "2001:db8:0:2::1"))).isEqualTo(ADMITTED);
    }

    @Test
    void whatHasNoLimitIsNotCounted() throws Exception {
        assertThat(new Admissions(1000, 0, true).enter(address("192.0.2.1"))).isNull();
        Admissions admissions = new Admissions(1000, 1, false);
        assertThat(admissions.enter(address("127.0.0.1"))).isNull();
        assertThat(admissions.enter(address("::1"))).isNull();
        assertThat(admissions.enter(UnixDomainSocketAddress.of("/run/x"))).isNull();
        assertThat(admissions.enter(InetSocketAddress.createUnresolved("peer.test", 1)))
                .isNull();
        assertThat(admissions.verdict(null)).isEqualTo(ADMITTED);
        assertThat(new Admissions(1000, 1, true).enter(address("127.0.0.1"))).isNotNull();
    }

    @Test
    void nothingIsLeftOfWhoHasLeft() throws Exception {
        Admissions admissions = new Admissions(1000, 10, true);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        Count count = enter(admissions, "192.0.2." + i % 3);
                        admissions.enter();
                        admissions.leave();
                        admissions.leave(count);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(admissions.addresses()).isZero();
        assertThat(admissions.sockets()).isZero();
    }
}
