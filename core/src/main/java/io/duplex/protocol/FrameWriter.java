package io.duplex.protocol;

import io.duplex.Role;
import io.duplex.extension.MessageDeflater;
import io.duplex.frame.FrameEncoder;
import io.duplex.frame.Masking;
import io.duplex.frame.Opcode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames to an {@link Outgoing}: header, mask and compression, nothing of the connection's state. Confined to one
 * thread at a time.
 */
final class FrameWriter {
    /** Up to here header and payload go into one {@link Outgoing#room}; beyond it a copy costs more than a second piece. */
    private static final int GATHERED_BYTES = 16 << 10;

    /** A masked payload is copied in pieces of this size: a multiple of the key's four bytes. */
    private static final int MASKED_PIECE_BYTES = 32 << 10;

    private final boolean masks;
    private final Workspace workspace;
    private final Outgoing out;
    private final @Nullable MessageDeflater deflater;
    private final int compressFrom;

    /**
     * Creates a writer.
     *
     * @param deflater compresses messages; {@code null} without permessage-deflate
     * @param compressFrom the length in bytes from which a message is compressed
     */
    FrameWriter(Role role, Workspace workspace, Outgoing out, @Nullable MessageDeflater deflater, int compressFrom) {
        this.masks = role == Role.CLIENT;
        this.workspace = workspace;
        this.out = out;
        this.deflater = deflater;
        this.compressFrom = compressFrom;
    }

    /** Whether messages are compressed when that pays. */
    boolean isCompressing() {
        return deflater != null;
    }

    /** Whether what need not be sent should not. */
    boolean isCongested() {
        return out.isCongested();
    }

    /** Writes a whole message. */
    void message(Opcode opcode, ByteBuffer payload) {
        if (deflater == null || payload.remaining() < compressFrom || !compressed(deflater, opcode, payload)) {
            frame(FrameEncoder.firstByte(opcode, true, false), payload);
        }
    }

    /**
     * Writes a whole message compressed, unless that makes it no shorter: then it is as before, and goes plain. Not so where
     * the context is taken over, for the compressor has the message in its context already (RFC 7692 §7.2.1).
     */
    private boolean compressed(MessageDeflater compressor, Opcode opcode, ByteBuffer payload) {
        int from = payload.position();
        int length = payload.remaining();
        ByteBuffer octets = compressor.compress(payload, true);
        if (octets.remaining() >= length && !compressor.takesContextOver()) {
            payload.position(from);
            return false;
        }
        frame(FrameEncoder.firstByte(opcode, true, true), octets);
        return true;
    }

    /** Writes a whole message that others get, too, as they do: compressed once for all, if at all. */
    void shared(SharedMessage message) {
        MessageDeflater compressor = deflater;
        byte[] octets = compressor == null || message.length() < compressFrom ? null : message.compressed(compressor);
        if (compressor != null && octets != null) {
            // The peer's window gets what ours does not.
            compressor.releaseContext();
        }
        int firstByte = FrameEncoder.firstByte(message.isText() ? Opcode.TEXT : Opcode.BINARY, true, octets != null);
        frame(firstByte, octets != null ? octets : message.payload());
    }

    /** Whether a message that begins with {@code part} is to be compressed: nobody knows how long it will be. */
    boolean compresses(ByteBuffer part, boolean last) {
        return deflater != null && (!last || part.remaining() >= compressFrom);
    }

    /** Writes the next fragment of {@code message}. */
    void fragment(SentParts message, ByteBuffer part, boolean last) {
        int firstByte = message.nextFirstByte(last);
        frame(firstByte, deflater != null && message.isCompressed() ? deflater.compress(part, last) : part);
    }

    /** Writes a control frame. */
    void control(Opcode opcode, ByteBuffer payload) {
        frame(FrameEncoder.firstByte(opcode, true, false), payload);
    }

    /** No message will follow: gives back what the compressor holds. */
    void endMessages() {
        if (deflater != null) {
            deflater.close();
        }
    }

    private void frame(int firstByte, ByteBuffer payload) {
        int length = payload.remaining();
        if (masks) {
            maskedFrame(firstByte, payload, length);
        } else if (length <= GATHERED_BYTES) {
            ByteBuffer room = out.room(FrameEncoder.headerBytes(length) + length);
            FrameEncoder.writeHeader(room, firstByte, length);
            room.put(payload);
        } else {
            FrameEncoder.writeHeader(out.room(FrameEncoder.headerBytes(length)), firstByte, length);
            out.write(payload);
        }
    }

    private void frame(int firstByte, byte[] payload) {
        int length = payload.length;
        if (!masks && length <= GATHERED_BYTES) {
            ByteBuffer room = out.room(FrameEncoder.headerBytes(length) + length);
            FrameEncoder.writeHeader(room, firstByte, length);
            room.put(payload);
        } else {
            frame(firstByte, workspace.shared(payload));
        }
    }

    private void maskedFrame(int firstByte, ByteBuffer payload, int length) {
        int key = workspace.nextMaskingKey();
        int header = FrameEncoder.headerBytes(length) + FrameEncoder.KEY_BYTES;
        int from = payload.position();
        int piece = Math.min(length, MASKED_PIECE_BYTES);
        ByteBuffer room = out.room(header + piece);
        FrameEncoder.writeMaskedHeader(room, firstByte, length, key);
        copyMasked(payload, from, piece, room, key);
        for (int done = piece; done < length; done += piece) {
            piece = Math.min(length - done, MASKED_PIECE_BYTES);
            copyMasked(payload, from + done, piece, out.room(piece), key);
        }
        payload.position(from + length);
    }

    private static void copyMasked(ByteBuffer payload, int from, int length, ByteBuffer room, int key) {
        int at = room.position();
        Masking.copy(payload, from, length, room, at, key);
        room.position(at + length);
    }
}
