package io.duplex.conformance.interop;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A connection that a client of another implementation has opened. */
interface ForeignSession extends AutoCloseable {
    void sendText(String text) throws Exception;

    void sendBinary(ByteBuffer payload) throws Exception;

    /** Begins the closing handshake. */
    void close(int code, String reason) throws Exception;

    /** What has come from our server. */
    Transcript received();

    /** Lets go of the client and its threads. */
    @Override
    void close() throws IOException;
}
