package io.duplex.legacy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads the test vectors of the drafts. */
final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    /** The objects of the array {@code name}. */
    static Stream<JsonNode> read(String name) {
        try (InputStream stream = Vectors.class.getResourceAsStream("/vectors/legacy.json")) {
            JsonNode array = JSON.readTree(Objects.requireNonNull(stream)).required(name);
            return StreamSupport.stream(array.spliterator(), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
