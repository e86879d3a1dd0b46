package io.duplex.benchmarks.peer;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xnio.Options;

/** Undertow's own API: one I/O thread, whole messages, sends that do not wait. */
final class UndertowEcho {
    private static final Set<WebSocketChannel> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

    private UndertowEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        Undertow.Builder builder = Undertow.builder()
                .setIoThreads(1)
                .setSocketOption(Options.BACKLOG, PeerOptions.BACKLOG)
                .setSocketOption(Options.TCP_NODELAY, true)
                .setHandler(Handlers.path(echo())
                        .addPrefixPath(PeerOptions.FANOUT, Handlers.websocket((exchange, channel) -> {
                            SUBSCRIBERS.add(channel);
                            channel.addCloseTask(SUBSCRIBERS::remove);
                            channel.getReceiveSetter().set(new FanOut());
                            channel.resumeReceives();
                        })));
        if (options.tls()) {
            builder.addHttpsListener(
                    options.port(), PeerOptions.HOST, PeerCertificate.create().context());
        } else {
            builder.addHttpListener(options.port(), PeerOptions.HOST);
        }
        Undertow server = builder.build();
        server.start();
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        options.listening(address.getPort());
    }

    private static WebSocketProtocolHandshakeHandler echo() {
        Echo echo = new Echo();
        return Handlers.websocket((exchange, channel) -> {
                    channel.getReceiveSetter().set(echo);
                    channel.resumeReceives();
                })
                .addExtension(new PerMessageDeflateHandshake());
    }

    private static ByteBuffer take(BufferedBinaryMessage message) {
        var pooled = message.getData();
        try {
            return WebSockets.mergeBuffers(pooled.getResource());
        } finally {
            pooled.close();
        }
    }

    private static final class Echo extends AbstractReceiveListener {
        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
            WebSockets.sendText(message.getData(), channel, null);
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            WebSockets.sendBinary(take(message), channel, null);
        }
    }

    private static final class FanOut extends AbstractReceiveListener {
        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
            ByteBuffer payload = take(message);
            for (WebSocketChannel subscriber : SUBSCRIBERS) {
                WebSockets.sendBinary(payload.duplicate(), subscriber, null);
            }
        }
    }
}
