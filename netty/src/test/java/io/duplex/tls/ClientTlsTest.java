package io.duplex.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.transport.Certificates;
import org.junit.jupiter.api.Test;

class ClientTlsTest {
    @Test
    void whoTrustsAllCannotTrustSomeOnly() throws Exception {
        ClientTls.Builder both = ClientTls.builder().trust(Certificates.chain()).insecureTrustAll();
        assertThatIllegalStateException().isThrownBy(both::build).withMessageContaining("insecureTrustAll");
        assertThat(ClientTls.builder().trust(Certificates.chain()).build().trustsAll())
                .isFalse();
        assertThat(ClientTls.builder().insecureTrustAll().build().trustsAll()).isTrue();
    }
}
