package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of connections that were accepted and cannot be set up. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class AcceptingIT {
    private static final SocketListener SILENT = new SocketListener() {
        @Override
        public void onReadable(ByteBuffer in) {
            in.position(in.limit());
        }

        @Override
        public void onEof() {}

        @Override
        public void onClosed(Throwable failure) {}
    };

    @Parameter
    String io;

    @Test
    void oneIsClosedAndTheNextIsTakenAtOnce() throws Exception {
        LoopGroup loops = new LoopGroup(IoKind.parse(io), 1, "accepting", true);
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AtomicBoolean isSecond = new AtomicBoolean();
        try {
            Channel listening = loops.server(local, false, null, Duration.ZERO, transport -> {
                        if (!isSecond.getAndSet(true)) {
                            throw new IllegalStateException("on purpose");
                        }
                        return SILENT;
                    })
                    .bind()
                    .sync()
                    .channel();
            int port = ((InetSocketAddress) listening.localAddress()).getPort();
            try (RawPeer first = RawPeer.connect(port);
                    RawPeer second = RawPeer.connect(port)) {
                first.awaitEnd();
                assertThat(second.isSilentFor(100)).isTrue();
            }
        } finally {
            loops.shutdown();
        }
    }
}
