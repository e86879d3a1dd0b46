package io.duplex.jakarta;

import io.duplex.jakarta.CoderTypes.DecoderType;
import jakarta.websocket.DecodeException;
import jakarta.websocket.Decoder;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What takes the messages of one kind in one session.
 *
 * @param kind which messages
 * @param form how it wants them
 * @param handler the application's
 * @param maxMessageSize bytes or chars of a whole message; -1 for the session's limit
 * @param sink takes them: a text as {@link String} or {@link Reader}, a binary message as {@link ByteBuffer} or {@link
 *     InputStream}, a Pong as {@link PongMessage}
 */
record Receiver(Kind kind, Form form, MessageHandler handler, long maxMessageSize, Sink sink) {
    /** Which messages there are handlers for: one at most of each in a session (Jakarta WebSocket §2.5). */
    enum Kind {
        TEXT,
        BINARY,
        PONG
    }

    /** How messages are handed over. */
    enum Form {
        WHOLE,
        PARTS,
        STREAM
    }

    /** Takes messages, or their parts. */
    @FunctionalInterface
    interface Sink {
        void accept(Object content, boolean last) throws Exception;
    }

    /** Takes what was made of a message. */
    @FunctionalInterface
    interface Target {
        void accept(Object message) throws Exception;
    }

    private static Receiver whole(Kind kind, MessageHandler handler, long max, Target target) {
        return new Receiver(kind, Form.WHOLE, handler, max, (content, last) -> target.accept(content));
    }

    private static Receiver stream(Kind kind, MessageHandler handler, long max, Target target) {
        return new Receiver(kind, Form.STREAM, handler, max, (content, last) -> target.accept(content));
    }

    /**
     * The receivers that bring whole messages as objects of {@code type}: one, or two if it can be decoded from texts and from
     * binary messages. The application's decoders go before what messages are by themselves.
     *
     * @return empty if there is no way to make one of a message
     */
    static List<Receiver> ofWhole(Class<?> type, Coders coders, MessageHandler handler, long max, Target target) {
        boolean hasOwnDecoder = coders.types().decoders().stream().anyMatch(decoder -> decoder.decoded() == type);
        return hasOwnDecoder ? decoding(type, coders, handler, max, target) : plain(type, coders, handler, max, target);
    }

    private static List<Receiver> plain(Class<?> type, Coders coders, MessageHandler handler, long max, Target target) {
        if (type == String.class) {
            return List.of(whole(Kind.TEXT, handler, max, target));
        }
        if (type == Reader.class) {
            return List.of(stream(Kind.TEXT, handler, max, target));
        }
        if (type == ByteBuffer.class) {
            return List.of(whole(Kind.BINARY, handler, max, target));
        }
        if (type == byte[].class) {
            return List.of(whole(Kind.BINARY, handler, max, bytes -> target.accept(array((ByteBuffer) bytes))));
        }
        if (type == InputStream.class) {
            return List.of(stream(Kind.BINARY, handler, max, target));
        }
        if (type == PongMessage.class) {
            return List.of(whole(Kind.PONG, handler, max, target));
        }
        return decoding(type, coders, handler, max, target);
    }

    private static List<Receiver> decoding(
            Class<?> type, Coders coders, MessageHandler handler, long max, Target target) {
        List<Receiver> decoding = new ArrayList<>(2);
        Receiver text = decoding(Kind.TEXT, type, coders, handler, max, target);
        Receiver binary = decoding(Kind.BINARY, type, coders, handler, max, target);
        if (text != null) {
            decoding.add(text);
        }
        if (binary != null) {
            decoding.add(binary);
        }
        return decoding;
    }

    /** The receiver that brings parts of messages; {@code null} if there are none of that type. */
    static @Nullable Receiver ofParts(Class<?> type, MessageHandler handler, Sink sink) {
        if (type == String.class) {
            return new Receiver(Kind.TEXT, Form.PARTS, handler, -1, sink);
        }
        if (type == ByteBuffer.class) {
            return new Receiver(Kind.BINARY, Form.PARTS, handler, -1, sink);
        }
        if (type == byte[].class) {
            Sink arrays = (part, last) -> sink.accept(array((ByteBuffer) part), last);
            return new Receiver(Kind.BINARY, Form.PARTS, handler, -1, arrays);
        }
        return null;
    }

    private static byte[] array(ByteBuffer bytes) {
        if (bytes.hasArray() && bytes.arrayOffset() == 0 && bytes.remaining() == bytes.array().length) {
            return bytes.array();
        }
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    private static @Nullable Receiver decoding(
            Kind kind, Class<?> type, Coders coders, MessageHandler handler, long max, Target target) {
        List<DecoderType> fitting = coders.types().decodersTo(type, kind == Kind.TEXT);
        if (fitting.isEmpty()) {
            return kind == Kind.TEXT && TextValues.isOne(type)
                    ? whole(kind, handler, max, text -> target.accept(TextValues.parse((String) text, type)))
                    : null;
        }
        DecoderType first = fitting.get(0);
        if (first.isStream()) {
            Decoder decoder = coders.decoder(first);
            return stream(kind, handler, max, content -> target.accept(decodeStream(decoder, content)));
        }
        List<Decoder> decoders = new ArrayList<>();
        for (DecoderType decoder : fitting) {
            if (!decoder.isStream()) {
                decoders.add(coders.decoder(decoder));
            }
        }
        return whole(kind, handler, max, content -> target.accept(decode(decoders, content)));
    }

    private static Object decodeStream(Decoder decoder, Object content) throws Exception {
        return content instanceof Reader reader
                ? ((Decoder.TextStream<?>) decoder).decode(reader)
                : ((Decoder.BinaryStream<?>) decoder).decode((InputStream) content);
    }

    /** The first that is willing decodes (Jakarta WebSocket §4.1.3). */
    private static Object decode(List<Decoder> decoders, Object content) throws DecodeException {
        for (Decoder decoder : decoders) {
            if (content instanceof String text) {
                Decoder.Text<?> willing = (Decoder.Text<?>) decoder;
                if (willing.willDecode(text)) {
                    return willing.decode(text);
                }
            } else {
                Decoder.Binary<?> willing = (Decoder.Binary<?>) decoder;
                ByteBuffer bytes = (ByteBuffer) content;
                if (willing.willDecode(bytes.duplicate())) {
                    return willing.decode(bytes);
                }
            }
        }
        throw content instanceof String text
                ? new DecodeException(text, "no decoder takes this text")
                : new DecodeException((ByteBuffer) content, "no decoder takes these bytes");
    }
}
