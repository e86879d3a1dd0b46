package io.duplex;

import java.io.IOException;

/**
 * What is written into one message that is sent as a stream.
 *
 * @param <S> {@link java.io.OutputStream} for a binary message, {@link java.io.Writer} for text
 */
@FunctionalInterface
public interface MessageBody<S> {
    /**
     * Writes the whole message. It ends when this returns; to close the stream is allowed and ends nothing.
     *
     * @throws IOException of the stream, or of where the content comes from
     */
    void writeTo(S stream) throws IOException;
}
