package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Reads server-sent events from the bytes of a stream, whatever pieces they come in. Confined to one thread at a time. */
final class EventReader {
    private static final String MESSAGE = "message";
    private static final byte[] LINE_FEED = {'\n'};

    private final int maxBytes;
    private final Consumer<? super Event> events;
    /** The line that has begun. */
    private final Bytes line = new Bytes();

    private final Bytes data = new Bytes();
    private boolean hasData;
    private boolean afterCr;
    private String type = MESSAGE;
    private String id = "";

    /**
     * An event.
     *
     * @param type {@code message} if none was named
     * @param id the last that was given
     * @param data lines joined by line feeds, as UTF-8
     */
    record Event(String type, String id, ByteBuffer data) {}

    /** What is collected for some time; of much there is nothing left afterwards. */
    private static final class Bytes {
        private static final int USUAL_BYTES = 8 << 10;
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        int size() {
            return bytes.size();
        }

        void add(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        byte[] take() {
            byte[] taken = bytes.toByteArray();
            if (taken.length > USUAL_BYTES) {
                bytes = new ByteArrayOutputStream();
            } else {
                bytes.reset();
            }
            return taken;
        }
    }

    /**
     * Creates a reader at the beginning of a stream.
     *
     * @param maxBytes of one event, and of one line
     */
    EventReader(int maxBytes, Consumer<? super Event> events) {
        this.maxBytes = maxBytes;
        this.events = events;
    }

    /** Takes all of {@code in}; returns false at once if an event is too long. */
    boolean read(ByteBuffer in) {
        byte[] piece = new byte[in.remaining()];
        in.get(piece);
        int from = 0;
        for (int at = 0; at < piece.length; at++) {
            byte b = piece[at];
            boolean ends = b == '\n' || b == '\r';
            if (ends && !(b == '\n' && afterCr)) {
                if (!addToLine(piece, from, at)) {
                    return false;
                }
                endLine(line.take());
            }
            if (ends) {
                from = at + 1;
            }
            afterCr = b == '\r';
        }
        return addToLine(piece, from, piece.length);
    }

    private boolean addToLine(byte[] piece, int from, int to) {
        if (to - from > maxBytes - line.size() - data.size()) {
            return false;
        }
        line.add(piece, from, to - from);
        return true;
    }

    private void endLine(byte[] bytes) {
        if (bytes.length == 0) {
            endEvent();
            return;
        }
        int colon = 0;
        while (colon < bytes.length && bytes[colon] != ':') {
            colon++;
        }
        int valueAt = Math.min(colon + 1, bytes.length);
        if (valueAt < bytes.length && bytes[valueAt] == ' ') {
            valueAt++;
        }
        switch (new String(bytes, 0, colon, UTF_8)) {
            case "data" -> addData(bytes, valueAt);
            case "event" -> type = valueAt == bytes.length ? MESSAGE : value(bytes, valueAt);
            case "id" -> id = value(bytes, valueAt);
            default -> {} // a comment, or what is for browsers
        }
    }

    private static String value(byte[] line, int from) {
        return new String(line, from, line.length - from, UTF_8);
    }

    private void addData(byte[] line, int from) {
        if (hasData) {
            data.add(LINE_FEED, 0, 1);
        }
        hasData = true;
        data.add(line, from, line.length - from);
    }

    private void endEvent() {
        Event event = new Event(type, id, ByteBuffer.wrap(data.take()));
        boolean isOne = hasData;
        type = MESSAGE;
        hasData = false;
        if (isOne) {
            events.accept(event);
        }
    }
}
