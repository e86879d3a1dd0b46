package io.duplex.extension;

import io.duplex.Role;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the messages of one direction (RFC 7692 §7.2.1). Confined to one thread at a time, the one of its pool.
 *
 * <p>Every part leaves whole: what the peer gets of a message it can inflate at once.
 */
public final class MessageDeflater {
    /** The greatest window there is, as a power of two in bytes. */
    public static final int MAX_WINDOW_BITS = DeflateParameters.MAX_WINDOW_BITS;

    /*
     * A part ends with a flush, so it ends with an empty stored block, 00 00 ff ff, on a byte boundary. Only the last part of
     * a message loses these four octets, and nothing is left in zlib between two calls.
     *
     * The JDK's Deflater has no window bits: its references reach back 32 KiB. A FULL_FLUSH makes it forget all before, so
     * after one every 2^w bytes of input no reference is longer than the agreed window. With 8 bits too, where zlib itself
     * would take 9. The pieces run across the messages that share a context.
     *
     * A sender may always start with an empty window (RFC 7692 §7.2.1), so a context that the pool has no room for is just
     * not kept. A message in parts that it has no room for is sent as stored blocks, for which no Deflater is needed.
     *
     * A short message that stands alone goes without zlib, with fixed codes, if they make half of it or less: an order of
     * magnitude faster, and a fifth longer than with codes that zlib makes. Where little repeats they cost more than that,
     * and zlib is asked.
     */

    /** The level that asks for speed. */
    private static final int FASTEST = 1;

    private static final int TAIL_BYTES = 4;
    private static final int MAX_STORED_BYTES = 0xffff;
    private static final int STORED_HEADER_BYTES = 5;
    /** What a piece of input can grow by, its flush included, apart from one byte in 256. */
    private static final int PIECE_OVERHEAD_BYTES = 16;
    /** The output of a part of more bytes grows as it comes: most shrinks. */
    private static final int MAX_BOUNDED_BYTES = 64 << 10;

    private static final byte[] NOTHING = {};

    private final DeflatePool pool;
    private final int level;
    private final boolean takesContextOver;
    private final int windowBits;
    /** How many bytes one piece of input has. */
    private final int pieceBytes;

    private DeflatePool.@Nullable LeasedDeflater lease;
    /** Whether the pool counts our lease as one that outlasts a call. */
    private boolean held;

    private int bytesLeftInPiece;
    private boolean storing;
    private boolean underWay;
    private boolean usedSinceRest;

    /**
     * A deflater for what we send.
     *
     * @param parameters what was agreed
     * @param role our side
     * @param options for the level
     * @param pool where the native objects and the output's memory come from; used by the same thread
     */
    public MessageDeflater(DeflateParameters parameters, Role role, PermessageDeflate options, DeflatePool pool) {
        boolean fromClient = role == Role.CLIENT;
        windowBits = fromClient ? parameters.clientMaxWindowBits() : parameters.serverMaxWindowBits();
        this.pool = pool;
        level = options.level();
        takesContextOver = !(fromClient ? parameters.clientNoContextTakeover() : parameters.serverNoContextTakeover());
        // zlib keeps to 15 bits by itself.
        pieceBytes = windowBits == DeflateParameters.MAX_WINDOW_BITS ? Integer.MAX_VALUE : 1 << windowBits;
    }

    /**
     * Compresses one part of a message, or the whole.
     *
     * @param plain direct or not; read from position to limit
     * @param last whether the message ends with it
     * @return the octets to send, without the last 00 00 ff ff of the message; the caller may change them, and they are good
     *     until the next call on the same pool. Empty only for an empty part that is not the last
     */
    public ByteBuffer compress(ByteBuffer plain, boolean last) {
        ByteBuffer out;
        if (!plain.hasRemaining()) {
            // zlib flushes nothing twice, so the first octet of the empty stored block is ours (RFC 7692 §7.2.3.6).
            out = pool.output(1);
            if (last) {
                out.put((byte) 0);
            }
        } else {
            ByteBuffer quick = last && isShortAndAlone(plain) ? withFixedCodes(plain) : null;
            if (quick != null) {
                return quick;
            }
            DeflatePool.LeasedDeflater current = begun(last);
            if (current != null) {
                out = deflate(plain, current.deflater());
                if (last) {
                    out.position(out.position() - TAIL_BYTES);
                }
            } else {
                out = store(plain);
                if (last) {
                    out.put((byte) 0);
                }
            }
        }
        underWay = !last;
        usedSinceRest = true;
        if (last) {
            storing = false;
            if (!held || !takesContextOver) {
                close();
            }
        }
        return out.flip();
    }

    /**
     * Compresses a whole message that refers to nothing before it, for any number of receivers. To be called between messages;
     * gives up the context.
     *
     * @return as {@link #compress} does
     */
    public ByteBuffer compressAlone(ByteBuffer plain) {
        releaseContext();
        ByteBuffer octets = compress(plain, true);
        releaseContext();
        return octets;
    }

    /** References reach back at most 2 to the power of this, in bytes. */
    public int windowBits() {
        return windowBits;
    }

    /** Whether a message may refer to those before it, so that each must be sent as it was compressed. */
    public boolean takesContextOver() {
        return takesContextOver;
    }

    private boolean isShortAndAlone(ByteBuffer plain) {
        return !takesContextOver && !underWay && level == FASTEST && plain.remaining() <= FixedCodeDeflater.MAX_BYTES;
    }

    /** The whole message, flipped; {@code null}, and as if nothing was done, if that saves too little. */
    private @Nullable ByteBuffer withFixedCodes(ByteBuffer plain) {
        int from = plain.position();
        int bytes = plain.remaining();
        ByteBuffer out = pool.output(FixedCodeDeflater.maxOutputBytes(bytes));
        pool.fixedCodes().compress(plain, 1 << windowBits, out);
        if (out.position() > bytes / 2) {
            plain.position(from);
            return null;
        }
        return out.flip();
    }

    /** The Deflater of the message under way, or {@code null} if it is stored. */
    private DeflatePool.@Nullable LeasedDeflater begun(boolean last) {
        if (lease == null && !storing) {
            // A message of one part gives its Deflater back before this call ends, unless as a context.
            held = (!last || takesContextOver) && pool.tryHold(this);
            if (held || last) {
                lease = pool.takeDeflater(level);
                bytesLeftInPiece = pieceBytes;
            } else {
                storing = true;
            }
        }
        return lease;
    }

    private ByteBuffer deflate(ByteBuffer plain, Deflater deflater) {
        ByteBuffer out = pool.output(usualOutputBytes(plain.remaining()));
        int end = plain.limit();
        while (plain.position() < end) {
            int bytes = Math.min(end - plain.position(), bytesLeftInPiece);
            bytesLeftInPiece -= bytes;
            int flush = Deflater.SYNC_FLUSH;
            if (bytesLeftInPiece == 0) {
                flush = Deflater.FULL_FLUSH;
                bytesLeftInPiece = pieceBytes;
            }
            plain.limit(plain.position() + bytes);
            deflater.setInput(plain);
            deflater.deflate(out, flush);
            // A full buffer may or may not hold all. If it does, the next call flushes again, an empty block too many.
            while (!out.hasRemaining()) {
                out = pool.grow(out);
                deflater.deflate(out, flush);
            }
        }
        plain.limit(end);
        // A context must not keep the caller's buffer alive.
        deflater.setInput(NOTHING);
        return out;
    }

    private int usualOutputBytes(int plainBytes) {
        int bytes = Math.min(plainBytes, MAX_BOUNDED_BYTES);
        return bytes + (bytes >> 8) + (bytes / pieceBytes + 2) * PIECE_OVERHEAD_BYTES;
    }

    private ByteBuffer store(ByteBuffer plain) {
        int blocks = plain.remaining() / MAX_STORED_BYTES + 1;
        ByteBuffer out = pool.output(plain.remaining() + blocks * STORED_HEADER_BYTES + 1);
        int end = plain.limit();
        while (plain.position() < end) {
            int bytes = Math.min(end - plain.position(), MAX_STORED_BYTES);
            out.put((byte) 0).put((byte) bytes).put((byte) (bytes >> 8));
            out.put((byte) ~bytes).put((byte) (~bytes >> 8));
            out.put(plain.limit(plain.position() + bytes));
        }
        plain.limit(end);
        return out;
    }

    /**
     * Gives up the context, if no message is under way. The next message starts with an empty window, which a sender may always
     * do (RFC 7692 §7.2.1).
     */
    public void releaseContext() {
        if (!underWay) {
            close();
        }
    }

    /** A while has gone by: a connection that was silent all through it need not hold native memory. */
    void rest() {
        if (!usedSinceRest) {
            releaseContext();
        }
        usedSinceRest = false;
    }

    /** Gives back what is held. Closing again does nothing. */
    public void close() {
        DeflatePool.LeasedDeflater current = lease;
        if (current != null) {
            pool.giveBack(current);
            if (held) {
                pool.unhold(this);
            }
        }
        lease = null;
        held = false;
    }
}
