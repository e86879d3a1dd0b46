package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EpollAcceptorTest {
    @Test
    void oneIsAcceptedIfTheLastTurnWasAMomentAgo() {
        assertThat(EpollAcceptor.wanted(0)).isEqualTo(1);
        assertThat(EpollAcceptor.wanted(99_999)).isEqualTo(1);
    }

    @Test
    void asManyAsWaitAreAcceptedAfterALongerTime() {
        assertThat(EpollAcceptor.wanted(100_000)).isEqualTo(EpollAcceptor.TURN_CONNECTIONS);
        assertThat(EpollAcceptor.wanted(Long.MAX_VALUE)).isEqualTo(EpollAcceptor.TURN_CONNECTIONS);
    }
}
