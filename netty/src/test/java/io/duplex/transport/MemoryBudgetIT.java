package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.BufferSource.Lease;
import io.duplex.server.WebSocketServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when no more memory is lent. */
class MemoryBudgetIT {
    @Test
    void whatIsBeyondTheBudgetIsNotAskedFor() {
        MemoryBudget budget = new MemoryBudget(1000);
        PooledBuffers buffers = new PooledBuffers(budget);
        Lease first = buffers.acquire(600);
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> buffers.acquire(401))
                .withMessageContaining("1000 bytes");
        Lease second = buffers.acquire(400);
        assertThat(budget.left()).isZero();
        first.release();
        second.release();
        assertThat(budget.left()).isEqualTo(1000);
    }

    @Test
    @Timeout(120)
    void aHeadIsRefusedAndAMessageIsClosedWith1013() throws Exception {
        long whole = MemoryBudget.SHARED.left();
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .route("/echo", handshake -> new Echo())
                        .start();
                RawPeer open = RawPeer.open(server.port(), "/echo");
                RawPeer opening = RawPeer.connect(server.port())) {
            while (MemoryBudget.SHARED.left() < whole) {
                Thread.onSpinWait(); // until what the handshake took is given back
            }
            long left = MemoryBudget.SHARED.left();
            MemoryBudget.SHARED.take(left);
            try {
                opening.send("GET /echo HTTP/1.1\r\n");
                assertThat(opening.readAll())
                        .startsWith("HTTP/1.1 503 ")
                        .contains("\r\nRetry-After: 10\r\n")
                        .endsWith("server has no memory left\n");
                open.sendHex("01 81 00000000 61");
                open.sendHex("80 fe 2000 00000000 61");
                assertThat(open.readHex(4)).startsWith("88").endsWith("03f5");
            } finally {
                MemoryBudget.SHARED.give(left);
            }
        }
    }
}
