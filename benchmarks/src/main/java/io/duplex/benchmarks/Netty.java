package io.duplex.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.ReferenceCountUtil;

/** The baseline's surroundings: a channel without a socket, with the allocator that a real one has. */
final class Netty {
    private Netty() {}

    static EmbeddedChannel channel(ChannelHandler... handlers) {
        EmbeddedChannel channel = new EmbeddedChannel(handlers);
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        return channel;
    }

    /** What a decoder has to know on the server's side. */
    static WebSocketDecoderConfig masked() {
        return WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowExtensions(true)
                .maxFramePayloadLength(1 << 20)
                .build();
    }

    /** The end of a pipeline: a handler that is done with what it gets. */
    static ChannelHandler end() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
            }
        };
    }

    /** Flushes, and takes the bytes that come out; returns how many. */
    static long flushed(EmbeddedChannel channel) {
        channel.flushOutbound();
        long bytes = 0;
        for (ByteBuf out; (out = channel.readOutbound()) != null; ) {
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }
}
