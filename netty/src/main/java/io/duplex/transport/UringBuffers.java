package io.duplex.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that io_uring receives into: a ring of them for each loop, from which the kernel takes one when bytes come, so
 * that a connection that is read holds none. Where the kernel has no such rings, each read has a buffer of its own.
 *
 * <p>All that asks for Netty's io_uring asks here first.
 */
final class UringBuffers {
    /** Netty's switch for receives that go on by themselves until they are cancelled. */
    private static final String MULTISHOT = "io.netty.iouring.recvMultiShotEnabled";

    static {
        // Whoever pauses would get all that a fast peer sends until the kernel hears of it: megabytes each time.
        // Netty looks once, when its io_uring is first used, and has no switch for one channel. Who sets it himself
        // knows why.
        if (System.getProperty(MULTISHOT) == null) {
            System.setProperty(MULTISHOT, "false");
        }
    }

    private static final System.Logger LOGGER = System.getLogger(UringBuffers.class.getName());

    private static final short GROUP = 1;
    private static final short BUFFERS = 64;
    private static final int BYTES = 64 << 10;

    private UringBuffers() {}

    /** Why this machine has no io_uring; {@code null} if it has. */
    static @Nullable Throwable unavailabilityCause() {
        return IoUring.unavailabilityCause();
    }

    /** Makes loops that have such a ring, if the kernel has. */
    static IoHandlerFactory handlerFactory() {
        if (IoUring.isRecvMultishotEnabled()) {
            LOGGER.log(System.Logger.Level.DEBUG, "io_uring reads on for a while after a pause: see " + MULTISHOT);
        }
        return IoUring.isRegisterBufferRingSupported()
                ? IoUringIoHandler.newFactory(new IoUringIoHandlerConfig()
                        .setBufferRingConfig(IoUringBufferRingConfig.builder()
                                .bufferGroupId(GROUP)
                                .bufferRingSize(BUFFERS)
                                .batchSize(BUFFERS / 2)
                                .allocator(new IoUringFixedBufferRingAllocator(LoopGroup.ALLOCATOR, BYTES))
                                .build()))
                : IoUringIoHandler.newFactory();
    }

    /** Has {@code channel} receive into the ring of its loop, where there is one. */
    static void use(Channel channel) {
        if (IoUring.isRegisterBufferRingSupported()) {
            channel.config().setOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, GROUP);
        }
    }
}
