package io.duplex.server;

/**
 * The fields in which reverse proxies tell who the client is. Name the one that your proxy sets: the other passes through it
 * as the client wrote it.
 */
public enum ForwardedHeader {
    /** {@code Forwarded: for=192.0.2.1;proto=https} (RFC 7239). */
    FORWARDED,
    /** {@code X-Forwarded-For: 192.0.2.1} and {@code X-Forwarded-Proto: https}. */
    X_FORWARDED
}
