package io.duplex.jakarta;

import jakarta.websocket.Decoder;
import jakarta.websocket.Encoder;
import jakarta.websocket.EndpointConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The encoders and decoders of one session: one instance of each class, from the opening of the connection to its end. Thread-safe
 * once it is made; the instances are what the application made them.
 */
final class Coders {
    private final CoderTypes types;
    private final Map<Class<? extends Encoder>, Encoder> encoders = new LinkedHashMap<>();
    private final Map<Class<? extends Decoder>, Decoder> decoders = new LinkedHashMap<>();

    private Coders(CoderTypes types) {
        this.types = types;
    }

    /**
     * Makes and initialises the instances.
     *
     * @throws ReflectiveOperationException if one cannot be made
     */
    static Coders create(CoderTypes types, EndpointConfig config) throws ReflectiveOperationException {
        Coders coders = new Coders(types);
        for (CoderTypes.EncoderType type : types.encoders()) {
            if (!coders.encoders.containsKey(type.coder())) {
                Encoder encoder = type.coder().getConstructor().newInstance();
                coders.encoders.put(type.coder(), encoder);
                encoder.init(config);
            }
        }
        for (CoderTypes.DecoderType type : types.decoders()) {
            if (!coders.decoders.containsKey(type.coder())) {
                Decoder decoder = type.coder().getConstructor().newInstance();
                coders.decoders.put(type.coder(), decoder);
                decoder.init(config);
            }
        }
        return coders;
    }

    CoderTypes types() {
        return types;
    }

    /**
     * What encodes objects of a class, and how.
     *
     * @param way which of the interfaces in {@link Encoder}
     */
    record Encoding(Encoder encoder, Class<? extends Encoder> way) {}

    /** What encodes objects of that class; {@code null} if nothing does. */
    @Nullable Encoding encodingOf(Class<?> type) {
        CoderTypes.EncoderType found = types.encoderOf(type);
        if (found == null) {
            return null;
        }
        Encoder encoder = encoders.get(found.coder());
        return encoder == null ? null : new Encoding(encoder, found.way());
    }

    Decoder decoder(CoderTypes.DecoderType type) {
        Decoder decoder = decoders.get(type.coder());
        if (decoder == null) {
            throw new IllegalArgumentException(type + " is none of this endpoint's");
        }
        return decoder;
    }

    /** Ends the instances' lives. */
    void destroy() {
        encoders.values().forEach(Encoder::destroy);
        decoders.values().forEach(Decoder::destroy);
    }
}
