/** One protocol driven over one transport: send queue, keepalive, close timeouts. */
@NullMarked
package io.duplex.connection;

import org.jspecify.annotations.NullMarked;
