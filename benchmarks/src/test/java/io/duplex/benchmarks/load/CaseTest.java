package io.duplex.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaseTest {
    @Test
    void anIdSaysItAll() {
        assertThat(Case.parse("echo-50x16-1k-ascii-deflate-tls"))
                .isEqualTo(new Case(Case.Work.ECHO, 50, 16, 1024, Content.ASCII, true, false, true));
        assertThat(Case.parse("fanout-1000x4-128"))
                .isEqualTo(new Case(Case.Work.FANOUT, 1000, 4, 128, Content.BINARY, false, false, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo-1x1-0-binary",
                "echo-4x1-1m-ascii",
                "echo-7x3-1500-json",
                "echo-50x16-1k-multilingual-tls",
                "fanout-10000x4-128",
                "handshake-16-cold",
                "handshake-16-tls",
                "idle-10000"
            })
    void whatIsParsedPrintsTheSame(String id) {
        assertThat(Case.parse(id)).hasToString(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "echo",
                "dance-1",
                "echo-0x1-16-binary",
                "echo-1x1-16-klingon",
                "echo-1x1-1024-ascii",
                "fanout-10x4-7",
                "idle-ten"
            })
    void whatFollowsNoPatternIsRefusedWithItsName(String id) {
        assertThatThrownBy(() -> Case.parse(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + id + "' is no case");
    }
}
