package io.duplex.jackson;

import io.duplex.CloseCode;
import io.duplex.DecodeException;
import io.duplex.codec.Codec;
import io.duplex.codec.EncodedMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON in text messages (RFC 8259), read from and written as UTF-8, without a {@code String} between. Binary messages are
 * refused with 1003. Thread-safe.
 *
 * <p>A message closes the connection with
 *
 * <ul>
 *   <li>1007 if it is not JSON, or not what the type has, or is followed by something, or is {@code null};
 *   <li>1008 if it exceeds a limit of the mapper: {@value #MAX_NESTING} levels, {@value #MAX_NUMBER_LENGTH} characters in a number,
 *       {@value #MAX_NAME_LENGTH} characters in a name. How long a message is, is bounded by {@link
 *       io.duplex.Limits#maxMessageBytes} before any of it is read.
 * </ul>
 *
 * <p>Properties that the type does not know are skipped, so that a newer peer is understood; of two with one name the last
 * counts. Never have a mapper take class names from messages (Jackson's default typing): name the subtypes.
 *
 * @param <T> what the messages carry
 */
public final class JsonCodec<T> implements Codec<T> {
    /** How deep a message nests at most, as far as the mapper is this class's: more than people write, and cheap. */
    public static final int MAX_NESTING = 64;

    /** How long a number is at most, in chars: each digit more makes big numbers dearer than the one before. */
    public static final int MAX_NUMBER_LENGTH = 256;

    /** How long a name is at most, in chars: mappers keep the names that they know. */
    public static final int MAX_NAME_LENGTH = 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .maxNameLength(MAX_NAME_LENGTH)
                            .build())
                    .build())
            .build();

    /** By the first bytes Jackson would tell UTF-16 and UTF-32, which have a zero among them, as no JSON in UTF-8 has. */
    private static final int ENCODING_BYTES = 4;

    private final JavaType type;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    private JsonCodec(JsonMapper mapper, JavaType type) {
        this.type = type;
        this.reader = mapper.readerFor(type);
        this.writer = mapper.writerFor(type);
    }

    /**
     * JSON as a mapper with Jackson's defaults and the limits of this class has it.
     *
     * @param type such as a record, or a sealed interface with {@code @JsonTypeInfo}; open to Jackson, if it is in a module
     */
    public static <T> JsonCodec<T> of(Class<T> type) {
        return of(MAPPER, type);
    }

    /**
     * JSON as {@code mapper} has it, whose limits and features count.
     *
     * @param type as in {@link #of(Class)}
     */
    public static <T> JsonCodec<T> of(JsonMapper mapper, Class<T> type) {
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /** As {@link #of(JsonMapper, Class)}, for types with parameters: {@code new TypeReference<List<Move>>() {}}. */
    public static <T> JsonCodec<T> of(JsonMapper mapper, TypeReference<T> type) {
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    @Override
    public EncodedMessage encode(T value) {
        try {
            return EncodedMessage.text(ByteBuffer.wrap(writer.writeValueAsBytes(value)));
        } catch (JacksonException fault) {
            throw new IllegalArgumentException(
                    value.getClass().getName() + " cannot be written as JSON: " + fault.getOriginalMessage(), fault);
        }
    }

    @Override
    public T decodeText(ByteBuffer utf8) {
        if (hasZeroAtItsStart(utf8)) {
            throw new DecodeException(CloseCode.INVALID_PAYLOAD, "not " + type.toCanonical() + ": a zero byte", null);
        }
        try {
            T value = read(utf8);
            if (value == null) {
                throw new DecodeException(CloseCode.INVALID_PAYLOAD, "not " + type.toCanonical() + ": null", null);
            }
            return value;
        } catch (StreamConstraintsException fault) {
            throw new DecodeException(CloseCode.POLICY_VIOLATION, "a limit is exceeded" + where(fault), fault);
        } catch (JacksonException fault) {
            throw new DecodeException(CloseCode.INVALID_PAYLOAD, "not " + type.toCanonical() + where(fault), fault);
        }
    }

    private @Nullable T read(ByteBuffer utf8) {
        if (utf8.hasArray()) {
            return reader.readValue(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
        }
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        return reader.readValue(bytes);
    }

    private static boolean hasZeroAtItsStart(ByteBuffer utf8) {
        int end = utf8.position() + Math.min(ENCODING_BYTES, utf8.remaining());
        for (int i = utf8.position(); i < end; i++) {
            if (utf8.get(i) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Where it is, for those who have the message; what is there stays with the cause. */
    private static String where(JacksonException fault) {
        TokenStreamLocation location = fault.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
