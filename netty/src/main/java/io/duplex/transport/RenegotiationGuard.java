package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import javax.net.ssl.SSLException;

/**
 * Ends a connection whose client begins a second handshake inside the first one's TLS (RFC 5246 §7.4.1.1), which costs the
 * server many times what it costs the client. OpenSSL refuses that by itself, the JDK only for a whole JVM; TLS 1.3 has no
 * such thing.
 *
 * <p>It looks at the headers of records, which are in the clear: behind its ChangeCipherSpec a client has one handshake record
 * to send, its Finished, or in TLS 1.3 a second ClientHello. Confined to the event loop.
 */
final class RenegotiationGuard extends ChannelInboundHandlerAdapter {
    private static final int HEADER_BYTES = 5;
    private static final int LENGTH_AT = 3;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;

    /** Bytes of the record under way that have yet to come. */
    private int payloadBytes;
    /** How much of a header has come. */
    private int headerBytes;

    private int length;
    private boolean cipherChanged;
    private boolean finished;
    private boolean over;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (over || !isInOrder(bytes)) {
            bytes.release();
            if (!over) {
                over = true;
                context.fireExceptionCaught(new SSLException("the client began a second TLS handshake"));
            }
            return;
        }
        context.fireChannelRead(message);
    }

    private boolean isInOrder(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payloadBytes > 0) {
                int here = Math.min(payloadBytes, end - at);
                payloadBytes -= here;
                at += here;
            } else if (!acceptHeader(bytes.getUnsignedByte(at++))) {
                return false;
            }
        }
        return true;
    }

    private boolean acceptHeader(int octet) {
        if (headerBytes == 0 && octet == CHANGE_CIPHER_SPEC) {
            cipherChanged = true;
        } else if (headerBytes == 0 && octet == HANDSHAKE && cipherChanged) {
            if (finished) {
                return false;
            }
            finished = true;
        }
        length = headerBytes <= LENGTH_AT ? octet : length << Byte.SIZE | octet;
        headerBytes++;
        if (headerBytes == HEADER_BYTES) {
            headerBytes = 0;
            payloadBytes = length;
        }
        return true;
    }
}
