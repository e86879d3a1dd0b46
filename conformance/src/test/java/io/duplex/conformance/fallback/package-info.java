/** Clients of others, and our own of JavaScript, against sessions that fall back to HTTP. */
@NullMarked
package io.duplex.conformance.fallback;

import org.jspecify.annotations.NullMarked;
