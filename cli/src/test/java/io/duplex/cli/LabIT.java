package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.cli.Chromium.Page;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab, in a browser and on the command line. */
class LabIT {
    private static final List<String> WAYS = List.of("short-polling", "long-polling", "sse", "websocket");
    private static final int CSV_DELIVERED = 2;
    private static final int CSV_DISORDERED = 3;

    @Test
    void thePagesBytesAreThoseOfAnIndependentCount() throws Exception {
        try (DuplexProcess server = DuplexProcess.start("demo", "--port", "0");
                CountingSocks socks = new CountingSocks();
                Chromium chromium = Chromium.start(
                        "--proxy-server=socks5://127.0.0.1:" + socks.port(), "--proxy-bypass-list=<-loopback>")) {
            URI address = server.listening("/");
            Page page = chromium.open("http://127.0.0.1:" + address.getPort() + "/lab");
            page.evaluate("for (const [name, value] of [['rate', 40], ['pollMillis', 200]])"
                    + " document.forms.plan.elements[name].value = value");
            page.click("start");
            page.await("window.lab && lab.reported && lab.ways.every((way) => way.delivered >= 40)");
            JsonNode first = page.evaluate("lab.reported");
            page.await("lab.ways.every((way) => way.delivered >= 700)");

            for (String way : WAYS) {
                int port = URI.create(page.evaluate("lab.ways.find((way) => way.id === '" + way + "').sockets[0].url")
                                .textValue())
                        .getPort();
                requireSame(page, socks, first, way, port);
            }
            assertThat(page.evaluate("lab.ways.map((way) => way.disordered).join()")
                            .textValue())
                    .isEqualTo("0,0,0,0");
            assertThat(page.evaluate("document.querySelectorAll('#results tbody tr').length")
                            .intValue())
                    .isEqualTo(WAYS.size());
            assertThat(page.evaluate("document.querySelectorAll('#plot rect').length")
                            .intValue())
                    .isEqualTo(WAYS.size());
            page.click("stop");
            assertThat(chromium.complaints()).isEmpty();
        }
    }

    /** What is between the two counts when they are taken is more on a machine that is busy, and less in the long run. */
    private static void requireSame(Page page, CountingSocks socks, JsonNode first, String way, int port)
            throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (true) {
            JsonNode last = page.evaluate("lab.reported");
            long counted = socks.bytes(port, last.path("atMillis").doubleValue())
                    - socks.bytes(port, first.path("atMillis").doubleValue());
            long told = bytes(last, way) - bytes(first, way);
            if (100 * Math.abs(told - counted) <= 2 * counted || System.nanoTime() - deadline > 0) {
                assertThat(told).as(way).isCloseTo(counted, withPercentage(2));
                return;
            }
        }
    }

    private static long bytes(JsonNode report, String way) {
        JsonNode costs = report.path("ways").path(way);
        return costs.path("up").longValue() + costs.path("down").longValue();
    }

    @Test
    void theCommandDeliversEachEventOverEachWayOnce(@TempDir Path folder) throws Exception {
        Path csv = folder.resolve("lab.csv");
        Path svg = folder.resolve("lab.svg");
        try (DuplexProcess compare = DuplexProcess.start(
                "compare",
                "--quiet",
                "--duration",
                "2",
                "--rate",
                "20",
                "--burst",
                "5",
                "--clients",
                "3",
                "--poll-interval",
                "0.2",
                "--rtt",
                "0.02",
                "--loss",
                "0.02",
                "--csv",
                csv.toString(),
                "--svg",
                svg.toString())) {
            assertThat(compare.exitStatus()).isZero();
        }

        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(1 + WAYS.size());
        for (int i = 0; i < WAYS.size(); i++) {
            String[] values = lines.get(1 + i).split(",", -1);
            assertThat(values[0]).isEqualTo(WAYS.get(i));
            assertThat(Long.parseLong(values[CSV_DELIVERED]))
                    .isEqualTo(3 * Long.parseLong(values[1]))
                    .isPositive();
            assertThat(values[CSV_DISORDERED]).isEqualTo("0");
        }
        assertThat(Files.readString(svg)).startsWith("<svg").contains("WebSocket");
    }
}
