/** The opening handshake of both roles (RFC 6455 §4, RFC 8441). */
@NullMarked
package io.duplex.handshake;

import org.jspecify.annotations.NullMarked;
