package io.duplex.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a {@link ProxyHeader} off the start of a connection, before TLS, and then itself out of the pipeline. Confined to the
 * event loop.
 */
final class ProxyHeaderReader extends ChannelInboundHandlerAdapter {
    private final ServerOpening opening;
    /** What has come of a header that comes in pieces, up to its position. */
    private @Nullable ByteBuffer pieces;

    ProxyHeaderReader(ServerOpening opening) {
        this.opening = opening;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        boolean passedOn = false;
        try {
            ProxyHeader header = read(in);
            if (header != null) {
                opening.proxied(header);
                if (in.isReadable()) {
                    passedOn = true;
                    context.fireChannelRead(in);
                }
                context.pipeline().remove(this);
            }
        } catch (IllegalArgumentException fault) {
            opening.refuseProxy(fault);
        } finally {
            if (!passedOn) {
                in.release();
            }
        }
    }

    private @Nullable ProxyHeader read(ByteBuf in) {
        ByteBuffer before = pieces;
        if (before == null) {
            ByteBuffer bytes = in.nioBuffer();
            int start = bytes.position();
            ProxyHeader header = ProxyHeader.parse(bytes);
            if (header == null) {
                pieces = ByteBuffer.allocate(ProxyHeader.MAX_BYTES).put(bytes);
            } else {
                in.skipBytes(bytes.position() - start);
            }
            return header;
        }
        int known = before.position();
        int more = Math.min(in.readableBytes(), before.remaining());
        before.put(in.nioBuffer(in.readerIndex(), more));
        ByteBuffer all = before.duplicate().flip();
        ProxyHeader header = ProxyHeader.parse(all);
        in.skipBytes(header == null ? more : all.position() - known);
        return header;
    }
}
