package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class FaultLogTest {
    private final List<String> lines = new ArrayList<>();
    private long nanos = Long.MAX_VALUE;
    private final FaultLog log = new FaultLog(new Lines(), () -> nanos);

    /** Keeps what is logged. */
    private final class Lines implements System.Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
            lines.add(message + ": " + thrown.getMessage());
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... values) {
            lines.add(format);
        }
    }

    @Test
    void aFaultIsLoggedWithWhatThrew() {
        log.log("handler of /a threw", new IllegalStateException("why"));
        assertThat(lines).containsExactly("handler of /a threw: why");
    }

    @Test
    void aFloodOfFaultsIsLoggedInPartAndCounted() {
        for (int i = 0; i < 1_000; i++) {
            log.log("fault", new IllegalStateException(String.valueOf(i)));
        }
        assertThat(lines).hasSize(FaultLog.FAULTS_A_SECOND).last().isEqualTo("fault: 9");
        nanos += 1_000_000_000L;
        log.log("fault", new IllegalStateException("later"));
        log.log("fault", new IllegalStateException("last"));
        assertThat(lines).endsWith("fault (and 990 faults before it that were not logged): later", "fault: last");
    }
}
