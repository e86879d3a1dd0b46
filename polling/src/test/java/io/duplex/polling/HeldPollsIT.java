package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long polls are held without a thread, and each costs the same however many there are. */
@Timeout(120)
class HeldPollsIT {
    private static final int FEW = 2_000;
    private static final int MANY = 8_000;

    @Test
    @Covers({"POLL-10", "SEC-1"})
    void tenThousandLongPollsCostTheSameEach() throws Exception {
        Polling polling = Polling.builder(handshake -> new WebSocketHandler() {})
                .holdTime(Duration.ofMinutes(10))
                .build();
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .maxConnectionsPerAddress(0)
                .service("/chat/**", polling)
                .start()) {
            Process client = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            HeldPolls.class.getName(),
                            Integer.toString(server.port()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (PrintWriter commands = new PrintWriter(client.getOutputStream(), true, StandardCharsets.UTF_8);
                    BufferedReader replies = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
                more(commands, replies, 200, 200); // whatever is made once
                long nothing = heap();
                int threads = ManagementFactory.getThreadMXBean().getThreadCount();
                more(commands, replies, FEW, 200 + FEW);
                double eachOfFew = (heap() - nothing) / (double) FEW;
                long before = heap();
                more(commands, replies, MANY, 200 + FEW + MANY);
                double eachOfMore = (heap() - before) / (double) MANY;
                System.out.printf(
                        "heap of a held session: %.0f bytes of %d, %.0f of %d more%n",
                        eachOfFew, FEW, eachOfMore, MANY);
                assertThat(polling.sessions()).isEqualTo(200 + FEW + MANY);
                assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(threads + 10);
                assertThat(eachOfMore).isLessThan(12_000).isLessThan(1.3 * eachOfFew);
            } finally {
                client.destroyForcibly().waitFor();
            }
        }
    }

    private static void more(PrintWriter commands, BufferedReader replies, int number, int total) throws Exception {
        commands.println(number);
        assertThat(replies.readLine()).isEqualTo(Integer.toString(total));
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
