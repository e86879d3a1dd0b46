/** Negotiation of extensions (RFC 6455 §9) and permessage-deflate (RFC 7692). */
@NullMarked
package io.duplex.extension;

import org.jspecify.annotations.NullMarked;
