package io.duplex.conformance.interop;

/**
 * A running echo server of another implementation. It speaks the subprotocol {@code echo}, and closes with 4001 {@code bye} when
 * it gets the text {@code close}.
 */
interface ForeignServer extends AutoCloseable {
    int port();

    @Override
    void close();
}
