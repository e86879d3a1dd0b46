package io.duplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SendPolicyTest {
    @Test
    void eachFactoryGivesItsKind() {
        assertThat(SendPolicy.close().kind()).isEqualTo(SendPolicy.Kind.CLOSE);
        assertThat(SendPolicy.dropNewest().kind()).isEqualTo(SendPolicy.Kind.DROP_NEWEST);
        assertThat(SendPolicy.dropOldest().kind()).isEqualTo(SendPolicy.Kind.DROP_OLDEST);
        assertThat(SendPolicy.latestOnly().kind()).isEqualTo(SendPolicy.Kind.LATEST_ONLY);
    }

    @Test
    void aConnectionIsClosedWith1013UnlessAnotherCodeIsGiven() {
        assertThat(SendPolicy.close().closeCode()).isEqualTo(1013);
        assertThat(SendPolicy.latestOnly().closeCode()).isEqualTo(1013);
        assertThat(SendPolicy.close(1008).upTo(1).closeCode()).isEqualTo(1008);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SendPolicy.close(1006))
                .withMessageContaining("1006");
    }

    @Test
    void aBoundCanOnlyLowerThatOfTheLimits() {
        assertThat(SendPolicy.dropOldest().maxBytes(1000)).isEqualTo(1000);
        assertThat(SendPolicy.dropOldest().upTo(10).maxBytes(1000)).isEqualTo(10);
        assertThat(SendPolicy.dropOldest().upTo(10_000).maxBytes(1000)).isEqualTo(1000);
        assertThat(SendPolicy.dropOldest().upTo(10).kind()).isEqualTo(SendPolicy.Kind.DROP_OLDEST);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SendPolicy.dropOldest().upTo(0))
                .withMessageContaining("0");
    }
}
