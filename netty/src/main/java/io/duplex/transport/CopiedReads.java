package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Copies what is read to memory of its size, for handlers that keep it: each byte that a peer sends by itself would else hold
 * a whole {@link ReceiveBuffer}. Confined to the event loop.
 */
final class CopiedReads extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        ByteBuf copy;
        try {
            copy = bytes.copy();
        } finally {
            bytes.release();
        }
        context.fireChannelRead(copy);
    }
}
