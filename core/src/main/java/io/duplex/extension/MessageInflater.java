package io.duplex.extension;

import io.duplex.BufferSource;
import io.duplex.Role;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the messages of one direction (RFC 7692 §7.2.2). Confined to one thread at a time, the one of its pool.
 *
 * <p>For each message: {@link #input}, then {@link #inflate} until it gives 0, and again until the last input is through.
 * Output is pulled, so the caller's limit stops a message that inflates without end exactly where it wants.
 */
public final class MessageInflater {
    /*
     * An Inflater is borrowed while a message comes in, and its window filled from the history when it starts. That costs a
     * copy of at most 32 KiB for each message with context takeover, and it gives three things that the JDK's Inflater
     * cannot do otherwise:
     *
     * - An idle connection holds no native memory, and no more heap than it received or its window has.
     * - After a block with BFINAL=1 zlib takes no more input, and its window is lost at the reset that is then needed, but
     *   more blocks may follow in this message or the next (RFC 7692 §7.2.3.4), and may refer back across.
     * - Inflater does not tell whether it stands between two blocks or has been cut off inside one. So every message gets,
     *   behind the 00 00 ff ff, an empty final block of ours: only a whole message reaches its end.
     *
     * What ends a short message is put right behind it, so that one call of zlib does all.
     */

    /** 00 00 ff ff (RFC 7692 §7.2.2), then an empty fixed block with BFINAL=1. */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff, 3, 0};

    private static final int SHORT_INPUT_BYTES = 4 << 10;
    static final int MAX_JOINED_BYTES = SHORT_INPUT_BYTES + TAIL.length;

    private static final byte[] NOTHING = {};
    private static final ByteBuffer NO_INPUT = ByteBuffer.wrap(NOTHING);

    /**
     * zlib cannot do a raw window of 256 bytes and takes 512 instead, so peers on zlib send what they agreed not to. We
     * remember enough for them.
     */
    private static final int MIN_HISTORY_BYTES = 512;

    /** How often zlib is started anew in one message: each time costs up to a window, for as little as two octets. */
    static final int MAX_RESTARTS = 64;

    private final DeflatePool pool;
    /** {@code null} without context takeover: then each message has the one that comes with the borrowed Inflater. */
    private final @Nullable History context;

    /** {@code null} before a message's first octet. */
    private DeflatePool.@Nullable LeasedInflater lease;

    private ByteBuffer input = NO_INPUT;
    private boolean last;
    /** How many of the last octets of the input are of {@link #TAIL}. */
    private int tailBytes;
    /** The memory of the input; {@code null} if that is the caller's, or the borrowed Inflater's. */
    private BufferSource.@Nullable Lease kept;

    private int restarts;

    /**
     * An inflater for what the peer compresses.
     *
     * @param parameters what was agreed
     * @param role our side
     * @param pool where the native objects come from; used by the same thread
     */
    public MessageInflater(DeflateParameters parameters, Role role, DeflatePool pool) {
        boolean fromClient = role == Role.SERVER;
        boolean noTakeover = fromClient ? parameters.clientNoContextTakeover() : parameters.serverNoContextTakeover();
        int windowBits = fromClient ? parameters.clientMaxWindowBits() : parameters.serverMaxWindowBits();
        this.pool = pool;
        context = noTakeover ? null : new History(Math.max(MIN_HISTORY_BYTES, 1 << windowBits), pool);
    }

    /**
     * Takes the next octets of a compressed message, from position to limit. They are read by the calls of {@link #inflate}
     * that follow, until one gives 0; only then may there be more input.
     *
     * @param compressed direct or not; may be empty
     * @param last whether the message ends with them
     */
    public void input(ByteBuffer compressed, boolean last) {
        this.last = last;
        if (compressed.hasRemaining()) {
            DeflatePool.LeasedInflater current = begun();
            if (last && compressed.remaining() <= SHORT_INPUT_BYTES) {
                input = current.shortInput().clear().put(compressed).put(TAIL).flip();
                tailBytes = TAIL.length;
            } else {
                input = compressed;
            }
            current.inflater().setInput(input);
        }
    }

    /**
     * Copies what is left of the input, if it stands in the caller's buffer, which is about to hold something else.
     *
     * @param memory lends room for it, until it is used up or this is closed
     */
    public void keepInput(BufferSource memory) {
        DeflatePool.LeasedInflater current = lease;
        if (current == null || kept != null || tailBytes > 0) {
            return;
        }
        if (input.hasRemaining()) {
            BufferSource.Lease copy = memory.acquire(input.remaining());
            input = copy.bytes().clear().put(input).flip();
            kept = copy;
        } else {
            input = NO_INPUT;
        }
        current.inflater().setInput(input);
    }

    private void releaseKept() {
        BufferSource.Lease copy = kept;
        if (copy != null) {
            kept = null;
            copy.release();
        }
    }

    private DeflatePool.LeasedInflater begun() {
        DeflatePool.LeasedInflater current = lease;
        if (current == null) {
            current = pool.takeInflater();
            if (context != null) {
                context.load(current.inflater());
            }
            lease = current;
        }
        return current;
    }

    /**
     * Inflates, at most as much as {@code out} has room for.
     *
     * <p>A message without any octet is taken as empty, and one that ends with a block with BFINAL=1 as complete, though RFC
     * 7692 §7.2.1 has another octet there: nothing can be misread, and peers on zlib send the one or take the other.
     *
     * @param out direct or not; its position is advanced
     * @return the number of bytes written; 0 if more input is needed or, after the last input, the message is complete
     * @throws DataFormatException if the data is no DEFLATE, refers back beyond what it may, ends too early, or has more than
     *     {@value #MAX_RESTARTS} final blocks with more behind them. {@code out} has
     *     what came before the fault, and to call again is to meet the fault again: all that is left is to close this
     * @throws IllegalArgumentException if {@code out} has no room
     */
    public int inflate(ByteBuffer out) throws DataFormatException {
        if (!out.hasRemaining()) {
            throw new IllegalArgumentException("no room to inflate into");
        }
        DeflatePool.LeasedInflater current = lease;
        if (current == null) {
            return 0;
        }
        Inflater inflater = current.inflater();
        History history = context == null ? current.history() : context;
        while (true) {
            int bytes = inflater.finished() ? 0 : inflater.inflate(out);
            if (bytes > 0) {
                history.append(out, bytes);
                return bytes;
            }
            int unread = inflater.getRemaining();
            if (unread > tailBytes) {
                // A block with BFINAL=1 has ended, and zlib with it; the next one follows.
                if (restarts == MAX_RESTARTS) {
                    throw new DataFormatException("compressed message has too many final blocks");
                }
                restarts++;
                inflater.reset();
                history.load(inflater);
                inflater.setInput(input);
            } else if (!last) {
                // The caller's buffer may hold something else soon.
                inflater.setInput(NOTHING);
                input = NO_INPUT;
                releaseKept();
                return 0;
            } else if (inflater.finished() && (unread == 0 || unread == tailBytes)) {
                // Either at the end of our block, or of one of the peer's, with none of ours begun.
                close();
                return 0;
            } else if (tailBytes > 0) {
                throw new DataFormatException("compressed message ends too early");
            } else {
                inflater.setInput(TAIL);
                tailBytes = TAIL.length;
                releaseKept();
            }
        }
    }

    /** Gives back what an unfinished message holds. Closing again does nothing. */
    public void close() {
        DeflatePool.LeasedInflater current = lease;
        if (current != null) {
            pool.giveBack(current);
        }
        lease = null;
        input = NO_INPUT;
        tailBytes = 0;
        releaseKept();
        restarts = 0;
    }

    /** Gives back what is remembered of earlier messages, too: nothing more will be inflated. Ending again does nothing. */
    public void end() {
        close();
        if (context != null) {
            context.release();
        }
    }
}
