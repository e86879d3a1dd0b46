package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.BufferSource.Lease;
import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.server.WebSocketServer;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when no more memory is lent. */
class MemoryBudgetIT {
    private static final int LOOK_MILLIS = 1000;

    @Test
    void whatIsBeyondTheBudgetIsNotAskedFor() {
        MemoryBudget budget = new MemoryBudget(1000);
        PooledBuffers buffers = new PooledBuffers(budget);
        Lease first = buffers.acquire(600);
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> buffers.acquire(401))
                .withMessageContaining("1000 bytes");
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> buffers.acquire(270));
        Lease second = buffers.acquire(260);
        assertThat(budget.left()).isEqualTo(140);
        first.release();
        second.release();
        assertThat(budget.left()).isEqualTo(1000);
    }

    @Test
    void whoWantsLittleFindsRoomWhereThoseWhoWantMuchDoNot() {
        MemoryBudget budget = new MemoryBudget(1000);
        budget.take(600);
        assertThat(budget.isShort()).isTrue();
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> budget.take(300));
        budget.take(200);
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> budget.take(150));
        budget.take(100);
        budget.give(400);
        assertThat(budget.isShort()).isFalse();
    }

    /** Takes all that is left; returns how much that was. */
    private static long takeAll() {
        long taken = 0;
        for (long left; (left = MemoryBudget.SHARED.left()) > 0; ) {
            long part = Math.max(left / 2, 1);
            try {
                MemoryBudget.SHARED.take(part);
                taken += part;
            } catch (OutOfMemoryError somebodyElseTookSome) {
                // Look again.
            }
        }
        return taken;
    }

    @Test
    void whoListensIsToldEachSecondThatMemoryIsShortAndWhichShortageItIs() throws Exception {
        BlockingQueue<Integer> told = new LinkedBlockingQueue<>();
        CompletableFuture<SocketLoop> loop = new CompletableFuture<>();
        LoopGroup loops = new LoopGroup(IoKind.best(), 1, "short", true);
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Channel listening = loops.server(local, false, null, Duration.ZERO, transport -> new SocketListener() {
                    @Override
                    public void onActive() {
                        loop.complete(transport.loop());
                    }

                    @Override
                    public void onReadable(ByteBuffer in) {}

                    @Override
                    public void onEof() {}

                    @Override
                    public void onClosed(@Nullable Throwable failure) {}

                    @Override
                    public void onShortage(int shortage) {
                        told.add(shortage);
                    }
                })
                .bind()
                .sync()
                .channel();
        long taken = takeAll();
        try (RawPeer peer = RawPeer.connect(((InetSocketAddress) listening.localAddress()).getPort())) {
            Integer first = told.poll(60, TimeUnit.SECONDS);
            assertThat(first).isNotNull();
            assertThat(told.poll(60, TimeUnit.SECONDS)).as("a second later").isEqualTo(first);
            MemoryBudget.SHARED.give(taken);
            taken = 0;
            // The loop runs what is due in its order: so it has looked.
            loop.get(60, TimeUnit.SECONDS)
                    .eventLoop()
                    .schedule(told::clear, 12 * LOOK_MILLIS, TimeUnit.MILLISECONDS)
                    .get(60, TimeUnit.SECONDS);
            taken = takeAll();
            assertThat(told.poll(60, TimeUnit.SECONDS)).isGreaterThan(first);
            assertThat(peer).isNotNull();
        } finally {
            MemoryBudget.SHARED.give(taken);
            loops.shutdown();
        }
    }

    @Test
    @Timeout(180)
    void whatIsSentBehindAHeldRequestIsGivenUp() throws Exception {
        BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
        long taken = 0;
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .service("/held", held::add)
                        .start();
                RawPeer patient = RawPeer.connect(server.port());
                RawPeer pipelining = RawPeer.connect(server.port())) {
            String request = "GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n";
            String much = request + "GET /held HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(8_000);
            String little = request + "GET /held HTTP/1.1\r\n";
            patient.send(little);
            HttpExchange first = held.poll(60, TimeUnit.SECONDS);
            pipelining.send(much);
            assertThat(held.poll(60, TimeUnit.SECONDS)).isNotNull();
            taken = takeAll();
            assertThatThrownBy(pipelining::readAll).isInstanceOf(IOException.class);
            MemoryBudget.SHARED.give(taken);
            taken = 0;
            assertThat(first).isNotNull();
            first.respond(200, HeaderFields.EMPTY, ByteBuffer.wrap(new byte[] {'a'}));
            assertThat(patient.head()).startsWith("HTTP/1.1 200 ");
        } finally {
            MemoryBudget.SHARED.give(taken);
        }
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
            long taken = takeAll();
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
                MemoryBudget.SHARED.give(taken);
            }
        }
    }
}
