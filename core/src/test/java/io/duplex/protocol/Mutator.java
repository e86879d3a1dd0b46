package io.duplex.protocol;

import java.util.List;

/** Damages sessions, in one array for all of them. Confined to one thread. */
final class Mutator {
    private static final byte[] TELLING = {0, 1, 0x7D, 0x7E, 0x7F, (byte) 0x80, (byte) 0xFE, (byte) 0xFF};
    private static final int MAX_MUTATIONS = 4;
    private static final int MAX_MOVED_BYTES = 64;
    private static final int MAX_BYTES = 24 << 10;

    private final List<Session> sessions;
    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;
    private long state;

    Mutator(List<Session> sessions) {
        this.sessions = sessions;
    }

    /** Chance from here on depends on {@code seed} only. */
    void seed(long seed) {
        state = seed;
    }

    /** A number from 0 to {@code bound - 1}: SplitMix64, without an object for each stream. */
    int next(int bound) {
        state += 0x9E3779B97F4A7C15L;
        long mixed = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (int) (((mixed ^ mixed >>> 31) >>> 33) % bound);
    }

    /** Makes a damaged copy of some session, and returns that session. */
    Session mutate() {
        Session session = sessions.get(next(sessions.size()));
        length = Math.min(session.bytes().length, MAX_BYTES);
        System.arraycopy(session.bytes(), 0, bytes, 0, length);
        for (int i = 1 + next(MAX_MUTATIONS); i > 0 && length > 0; i--) {
            mutateOnce(session);
        }
        return session;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private void mutateOnce(Session session) {
        int at = next(length);
        switch (next(8)) {
            case 0, 1 -> bytes[at] ^= (byte) (1 << next(8));
            case 2 -> bytes[at] = TELLING[next(TELLING.length)];
            case 3 -> length = at;
            case 4 -> replace(at, Math.min(length - at, next(MAX_MOVED_BYTES)), bytes, 0, 0);
            case 5 -> {
                byte[] other = sessions.get(next(sessions.size())).bytes();
                int from = next(other.length + 1);
                int most = Math.min(other.length - from, MAX_MOVED_BYTES);
                replace(at, next(2) * Math.min(most, length - at), other, from, most);
            }
            case 6 -> editFirstByte(session);
            default -> editLength(session);
        }
    }

    private int someHeader(Session session) {
        int[] headers = session.headers();
        int at = headers.length == 0 ? 0 : headers[next(headers.length)];
        return at + 1 < length ? at : 0;
    }

    /** FIN, reserved bits and opcode. */
    private void editFirstByte(Session session) {
        bytes[someHeader(session)] = (byte) next(256);
    }

    /** Another length, in seven, sixteen or sixty-four bits. */
    private void editLength(Session session) {
        int at = someHeader(session) + 1;
        if (at >= length) {
            return;
        }
        int mask = bytes[at] & 0x80;
        switch (next(4)) {
            case 0 -> bytes[at] = (byte) next(256);
            case 1 -> bytes[at] = (byte) (mask | next(128));
            case 2 -> {
                bytes[at] = (byte) (mask | 126);
                replace(at + 1, 0, new byte[] {(byte) next(256), (byte) next(256)}, 0, 2);
            }
            default -> {
                bytes[at] = (byte) (mask | 127);
                byte[] eight = new byte[8];
                for (int i = next(8); i < 8; i++) {
                    eight[i] = (byte) next(256);
                }
                replace(at + 1, 0, eight, 0, 8);
            }
        }
    }

    /** Puts bytes in the place of {@code removed} others, as far as there is room. */
    private void replace(int at, int removed, byte[] by, int from, int count) {
        if (length - removed + count > MAX_BYTES) {
            return;
        }
        System.arraycopy(bytes, at + removed, bytes, at + count, length - at - removed);
        System.arraycopy(by, from, bytes, at, count);
        length += count - removed;
    }
}
