package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that wait to be accepted by a loop that has other things to do. */
@Timeout(120)
class AcceptTurnsIT {
    private static final int CLIENTS = 40;

    private final AtomicInteger accepted = new AtomicInteger();

    private SocketListener accept(SocketTransport transport) {
        accepted.incrementAndGet();
        return new SocketListener() {
            @Override
            public void onReadable(ByteBuffer in) {}

            @Override
            public void onEof() {
                transport.close();
            }

            @Override
            public void onClosed(@Nullable Throwable failure) {}
        };
    }

    @Test
    void manyAreAcceptedInATurn() throws Exception {
        LoopGroup loops = new LoopGroup(IoKind.best(), 1, "accepting", true);
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Channel listening = loops.server(local, false, null, Duration.ZERO, this::accept)
                .bind()
                .sync()
                .channel();
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        List<RawPeer> clients = new ArrayList<>();
        CountDownLatch busy = new CountDownLatch(1);
        CompletableFuture<Integer> inOneTurn = new CompletableFuture<>();
        try {
            SocketLoop loop = loops.loops().get(0);
            loop.execute(() -> {
                await(busy);
                loop.executeLater(() -> inOneTurn.complete(accepted.get()));
            });
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(RawPeer.connect(port));
            }
            busy.countDown();
            assertThat(inOneTurn.get(60, TimeUnit.SECONDS)).isGreaterThan(CLIENTS / 4);
            while (accepted.get() < CLIENTS) {
                Thread.onSpinWait();
            }
        } finally {
            busy.countDown();
            for (RawPeer client : clients) {
                client.close();
            }
            loops.shutdown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
