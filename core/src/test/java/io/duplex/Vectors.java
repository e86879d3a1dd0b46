package io.duplex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads the test vectors that lie in {@code src/test/resources/vectors}. */
public final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Vectors() {}

    /** The objects of the array {@code name} in {@code file}, such as {@code frames.json}. */
    public static Stream<JsonNode> read(String file, String name) {
        try (InputStream stream = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            JsonNode array = JSON.readTree(Objects.requireNonNull(stream, file)).required(name);
            return StreamSupport.stream(array.spliterator(), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
