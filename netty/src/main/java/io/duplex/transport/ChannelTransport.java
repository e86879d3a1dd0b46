package io.duplex.transport;

import io.duplex.connection.SendBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection on a channel of Netty's, as the only handler of ours in its pipeline: the way for TLS, for what a proxy says
 * first, and for all that epoll does not do by itself. Confined to the event loop, but for what {@link SocketTransport} says.
 */
public final class ChannelTransport extends SocketTransport implements ChannelInboundHandler {
    private static final System.Logger LOGGER = System.getLogger(ChannelTransport.class.getName());

    /** What a queued write takes besides its bytes: a buffer, a promise, its listeners, an entry. */
    private static final int WRITE_BYTES = 256;

    private final Channel channel;
    /** Read by other threads. */
    private volatile int queuedWrites;

    private @Nullable SslHandler tls;
    /** The TLS that {@link #tls} is inside of: that of a proxy. */
    private @Nullable SslHandler outerTls;

    private @Nullable ChannelHandlerContext context;

    ChannelTransport(SocketLoop loop, int corkBytes, Channel channel, @Nullable SslHandler tls) {
        super(loop, corkBytes);
        this.channel = channel;
        this.tls = tls;
    }

    @Override
    public void addFirst(ChannelHandler handler) {
        channel.pipeline().addFirst(handler);
    }

    @Override
    public SocketAddress remoteAddress() {
        return UnixSockets.remoteAddress(channel);
    }

    @Override
    public void startTls(SslHandler handler) {
        ChannelHandlerContext self = Objects.requireNonNull(context, "not in a pipeline");
        loop().cork().flush(this);
        outerTls = tls;
        tls = handler;
        handler.setHandshakeTimeoutMillis(0);
        channel.pipeline().addBefore(self.name(), null, handler);
    }

    @Override
    public boolean isSecure() {
        return tls != null;
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        SSLSession session = tls == null ? null : tls.engine().getSession();
        if (session == null) {
            return List.of();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate each : session.getPeerCertificates()) {
                chain.add((X509Certificate) each);
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    // Netty's side

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        loop().add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        loop().remove(this);
    }

    @Override
    public void channelRegistered(ChannelHandlerContext registered) {}

    @Override
    public void channelUnregistered(ChannelHandlerContext unregistered) {}

    @Override
    public void channelActive(ChannelHandlerContext active) {
        turn(listener()::onActive);
        if (tls == null) {
            turn(listener()::onConnected);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext active, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        beginTurn();
        try {
            deliver(loop().receiveBuffer().content(bytes));
        } catch (Throwable fault) {
            fail(fault);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext active) {
        endTurn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext active) {
        if (channel.isWritable()) {
            // Later: this may come from within a write that a callback of the handler makes.
            loop().eventLoop().execute(() -> turn(listener()::onWritable));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext active, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                turn(listener()::onConnected);
            } else {
                fail(handshake.cause());
            }
        } else if (event instanceof SslCloseCompletionEvent) {
            endInput(null);
        } else if (event instanceof ChannelInputShutdownEvent) {
            // After close_notify the input has ended already. TCP can be ended by anybody on the way, TLS by the peer
            // alone.
            endInput(
                    tls == null ? null : new SSLException("TLS ended without close_notify, be it cut off by somebody"));
        }
    }

    private void endInput(@Nullable IOException truncation) {
        // Closing after a failure ends the input, too, which is not the peer's doing.
        if (!inputEnded && failure() == null) {
            inputEnded = true;
            if (truncation != null) {
                note(truncation);
            }
            turn(listener()::onEof);
            if (outputEnded) {
                channel.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext active) {
        turn(() -> listener().onClosed(failure()));
    }

    @Override
    @SuppressWarnings("deprecation") // of what ChannelInboundHandler takes it from
    public void exceptionCaught(ChannelHandlerContext active, Throwable fault) {
        // Netty wraps what breaks TLS.
        Throwable cause = fault.getCause();
        fail(fault instanceof DecoderException && cause != null ? cause : fault);
    }

    @Override
    void end() {
        channel.close();
    }

    // The engine's side

    @Override
    public void write(ByteBuffer payload) {
        if (tls == null) {
            super.write(payload);
        } else {
            gather(payload);
        }
    }

    @Override
    void send(ByteBuffer[] pieces) {
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        if (queue != null && queue.isEmpty() && !outputEnded) {
            writeNow(pieces);
        }
        for (ByteBuffer piece : pieces) {
            if (piece.hasRemaining()) {
                send(piece, null);
            }
        }
    }

    private void writeNow(ByteBuffer[] pieces) {
        try {
            if (channel instanceof AbstractEpollStreamChannel) {
                long written = ((UnixChannel) channel).fd().writev(pieces, 0, pieces.length, Long.MAX_VALUE);
                for (ByteBuffer piece : pieces) {
                    int taken = (int) Math.min(Math.max(written, 0), piece.remaining());
                    piece.position(piece.position() + taken);
                    written -= taken;
                }
            } else if (channel instanceof NioSocket socket) {
                socket.writeNow(pieces);
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the write that follows meets it, too, and closes the channel", e);
        }
    }

    @Override
    void send(ByteBuffer bytes, @Nullable ByteBuf memory) {
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        if (queue == null || outputEnded) {
            bytes.position(bytes.limit());
            return;
        }
        if (tls == null && queue.isEmpty()) {
            writeNow(bytes, memory);
        }
        int end = bytes.limit();
        while (bytes.hasRemaining()) {
            // In pieces: the memory of each is given back as soon as it has left.
            bytes.limit(Math.min(end, bytes.position() + Cork.ACCEPTED_BYTES));
            ByteBuf copy;
            try {
                copy = copy(bytes);
            } catch (OutOfMemoryError full) {
                // Who does not read pays for it, not who happens to send to it.
                bytes.limit(end).position(end);
                runOut(full);
                return;
            }
            queue(copy);
            bytes.limit(end);
        }
    }

    private ByteBuf copy(ByteBuffer bytes) {
        SendBudget budget = loop().core().sendBudget();
        int length = bytes.remaining();
        if (!budget.tryTake(length)) {
            throw new OutOfMemoryError("more than " + budget.maxBytes() + " bytes would wait to be sent");
        }
        try {
            return LoopGroup.ALLOCATOR.directBuffer(length, length).writeBytes(bytes);
        } catch (OutOfMemoryError full) {
            budget.give(length);
            throw full;
        }
    }

    private void writeNow(ByteBuffer bytes, @Nullable ByteBuf memory) {
        int from = bytes.position();
        try {
            if (channel instanceof AbstractEpollStreamChannel epoll && bytes.isDirect()) {
                int written = memory != null
                        ? ((Socket) epoll.fd()).sendAddress(memory.memoryAddress(), from, bytes.limit())
                        : ((Socket) epoll.fd()).send(bytes, from, bytes.limit());
                bytes.position(from + Math.max(written, 0));
            } else if (channel instanceof NioSocket socket) {
                socket.writeNow(bytes);
            }
        } catch (IOException e) {
            // Netty's own write, which follows, meets it too and closes the channel.
            bytes.position(from);
        }
    }

    @Override
    public long overheadBytes() {
        return (long) queuedWrites * WRITE_BYTES;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
    private void countWrite(int change) {
        queuedWrites += change;
    }

    private void queue(ByteBuf bytes) {
        ChannelHandlerContext live = context;
        if (live == null) {
            loop().core().sendBudget().give(bytes.readableBytes());
            bytes.release();
            return;
        }
        QueuedBytes write = new QueuedBytes(bytes.readableBytes());
        if (tls != null) {
            live.writeAndFlush(bytes).addListener(done -> write.end());
        } else {
            channel.unsafe().write(bytes, channel.newProgressivePromise().addListener(write));
            channel.unsafe().flush();
        }
    }

    /** Counts what is left of one write; Netty's own count has an allowance for its objects, and goes by whole buffers. */
    private final class QueuedBytes implements ChannelProgressiveFutureListener {
        /** All that is taken of the budget: as long as a byte is left, all of the buffer is there. */
        private final long bytes;

        private long left;

        QueuedBytes(long bytes) {
            this.bytes = bytes;
            countWrite(1);
            leave(bytes);
        }

        void end() {
            leave(0);
            countWrite(-1);
            loop().core().sendBudget().give(bytes);
        }

        void leave(long now) {
            countQueued(now - left);
            left = now;
        }

        @Override
        public void operationProgressed(ChannelProgressiveFuture write, long progress, long total) {
            leave(total - progress);
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture write) {
            end();
            Throwable cause = write.cause();
            if (cause != null && channel.isRegistered()) {
                fail(cause);
            }
        }
    }

    @Override
    public void whenFlushed(Runnable task) {
        loop().cork().flush(this);
        if (pendingBytes() == 0 && channel.isActive()) {
            task.run();
        } else {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
                if (done.isSuccess()) {
                    task.run();
                }
            });
        }
    }

    @Override
    public boolean isCongested() {
        return !channel.isWritable() && channel.isActive();
    }

    @Override
    public void setReading(boolean wanted) {
        if (reading != wanted) {
            reading = wanted;
            if (!inputEnded) {
                // Afterwards nothing comes, and Netty's epoll may have forgotten the socket: then to ask fails.
                channel.config().setAutoRead(wanted);
            }
        }
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        loop().cork().flush(this);
        if (tls != null || pendingBytes() > 0) {
            // Behind all that is queued.
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> endOutput());
        } else {
            endOutput();
        }
    }

    private void endOutput() {
        if (inputEnded || !channel.isActive()) {
            channel.close();
            return;
        }
        outputEnded = true;
        if (tls == null) {
            // What is left to come is the peer's end, which then ends the channel by itself.
            ((DuplexChannelConfig) channel.config()).setAllowHalfClosure(false);
        }
        closeTls(tls, () -> closeTls(outerTls, this::shutdownOutput));
    }

    private static void closeTls(@Nullable SslHandler handler, Runnable next) {
        if (handler != null) {
            handler.closeOutbound().addListener(done -> next.run());
        } else {
            next.run();
        }
    }

    /** Past Netty where that is possible: nothing is queued, and Netty would make an exception for the queue to fail with. */
    private void shutdownOutput() {
        try {
            if (channel instanceof AbstractEpollStreamChannel epoll) {
                ((Socket) epoll.fd()).shutdown(false, true);
            } else if (channel instanceof NioSocket nio) {
                nio.shutdownNow();
            } else {
                ((DuplexChannel) channel).shutdownOutput();
            }
        } catch (IOException | NotYetConnectedException gone) {
            // The latter is what Netty makes of a socket that the peer has reset.
            channel.close();
        }
    }

    @Override
    public void abort() {
        // With RST, so that the kernel forgets what the peer does not read.
        if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        // Past the handlers: TLS would wait for its last words to be taken.
        channel.unsafe().close(channel.voidPromise());
    }
}
