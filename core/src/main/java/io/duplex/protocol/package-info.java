/** The protocol engine: bytes in, events out (RFC 6455 §5.4, §5.5, §7). */
@NullMarked
package io.duplex.protocol;

import org.jspecify.annotations.NullMarked;
