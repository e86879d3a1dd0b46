package io.duplex.jakarta;

import jakarta.websocket.Decoder;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Encoder;
import jakarta.websocket.EndpointConfig;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the encoders and decoders of an endpoint make of what (Jakarta WebSocket §4.1.2, §4.1.3), read from their type arguments
 * once. Immutable and thread-safe.
 *
 * @param encoders in the order of the configuration; one that encodes in several ways stands there several times
 * @param decoders likewise
 */
record CoderTypes(List<EncoderType> encoders, List<DecoderType> decoders) {
    private static final List<Class<? extends Encoder>> ENCODERS =
            List.of(Encoder.Text.class, Encoder.TextStream.class, Encoder.Binary.class, Encoder.BinaryStream.class);
    private static final List<Class<? extends Decoder>> DECODERS =
            List.of(Decoder.Text.class, Decoder.TextStream.class, Decoder.Binary.class, Decoder.BinaryStream.class);

    /**
     * One way of encoding.
     *
     * @param coder the application's class
     * @param way which of the interfaces in {@link Encoder}
     * @param encoded what it encodes
     */
    record EncoderType(Class<? extends Encoder> coder, Class<? extends Encoder> way, Class<?> encoded) {}

    /**
     * One way of decoding.
     *
     * @param coder the application's class
     * @param way which of the interfaces in {@link Decoder}
     * @param decoded what comes out
     */
    record DecoderType(Class<? extends Decoder> coder, Class<? extends Decoder> way, Class<?> decoded) {
        boolean isText() {
            return way == Decoder.Text.class || way == Decoder.TextStream.class;
        }

        boolean isStream() {
            return way == Decoder.TextStream.class || way == Decoder.BinaryStream.class;
        }
    }

    static CoderTypes of(EndpointConfig config) throws DeploymentException {
        return of(config.getEncoders(), config.getDecoders());
    }

    /**
     * Reads the classes.
     *
     * @throws DeploymentException if one cannot be instantiated, or does not say what it makes of what
     */
    static CoderTypes of(List<Class<? extends Encoder>> encoders, List<Class<? extends Decoder>> decoders)
            throws DeploymentException {
        List<EncoderType> encoderTypes = new ArrayList<>();
        for (Class<? extends Encoder> coder : encoders) {
            requireInstantiable(coder);
            int before = encoderTypes.size();
            for (Class<? extends Encoder> way : ENCODERS) {
                Class<?> encoded = TypeArguments.of(coder, way);
                if (encoded != null) {
                    encoderTypes.add(new EncoderType(coder, way, encoded));
                }
            }
            requireTypes(coder, encoderTypes.size() > before);
        }
        List<DecoderType> decoderTypes = new ArrayList<>();
        for (Class<? extends Decoder> coder : decoders) {
            requireInstantiable(coder);
            int before = decoderTypes.size();
            for (Class<? extends Decoder> way : DECODERS) {
                Class<?> decoded = TypeArguments.of(coder, way);
                if (decoded != null) {
                    decoderTypes.add(new DecoderType(coder, way, decoded));
                }
            }
            requireTypes(coder, decoderTypes.size() > before);
        }
        return new CoderTypes(List.copyOf(encoderTypes), List.copyOf(decoderTypes));
    }

    private static void requireInstantiable(Class<?> coder) throws DeploymentException {
        boolean isInstantiable = !Modifier.isAbstract(coder.getModifiers())
                && Arrays.stream(coder.getConstructors()).anyMatch(made -> made.getParameterCount() == 0);
        if (!isInstantiable) {
            throw new DeploymentException(
                    coder.getName() + " is abstract, or has no public constructor without parameters");
        }
    }

    private static void requireTypes(Class<?> coder, boolean hasTypes) throws DeploymentException {
        if (!hasTypes) {
            throw new DeploymentException(coder.getName() + " does not say what it encodes or decodes");
        }
    }

    /** The way to encode objects of a class: one made for it, or else the first that takes it; {@code null} if none does. */
    @Nullable EncoderType encoderOf(Class<?> type) {
        EncoderType found = null;
        for (EncoderType encoder : encoders) {
            if (encoder.encoded() == type) {
                return encoder;
            }
            if (found == null && encoder.encoded().isAssignableFrom(type)) {
                found = encoder;
            }
        }
        return found;
    }

    /**
     * The decoders whose results can be given where {@code target} is wanted.
     *
     * @param text whether from text messages, or from binary ones
     */
    List<DecoderType> decodersTo(Class<?> target, boolean text) {
        List<DecoderType> fitting = new ArrayList<>();
        for (DecoderType decoder : decoders) {
            if (decoder.isText() == text && target.isAssignableFrom(decoder.decoded())) {
                fitting.add(decoder);
            }
        }
        return fitting;
    }
}
