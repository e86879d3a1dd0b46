/** The words of WebSocket (RFC 6455): sockets, messages, close codes, limits, violations. */
@NullMarked
package io.duplex;

import org.jspecify.annotations.NullMarked;
