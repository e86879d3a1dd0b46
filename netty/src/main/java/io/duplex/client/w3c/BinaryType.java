package io.duplex.client.w3c;

import org.jspecify.annotations.Nullable;

/** As what binary messages are delivered: {@link BrowserWebSocket#binaryType()}. */
public enum BinaryType {
    /** As a {@link Blob}, the default. */
    BLOB("blob"),
    /** As a {@link java.nio.ByteBuffer}, which stands for {@code ArrayBuffer}. */
    ARRAYBUFFER("arraybuffer");

    private final String value;

    BinaryType(String value) {
        this.value = value;
    }

    /** The type of this name; {@code null} if there is none, which a setter of the standard ignores. */
    public static @Nullable BinaryType parse(String value) {
        for (BinaryType type : values()) {
            if (type.value.equals(value)) {
                return type;
            }
        }
        return null;
    }

    /** The standard's name: {@code blob} or {@code arraybuffer}. */
    @Override
    public String toString() {
        return value;
    }
}
