/** Frames and their encoding on the wire (RFC 6455 §5.2, §5.3). */
@NullMarked
package io.duplex.frame;

import org.jspecify.annotations.NullMarked;
