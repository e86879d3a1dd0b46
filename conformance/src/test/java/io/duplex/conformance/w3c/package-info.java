/** The {@code WebSocket} interface bound to a JavaScript engine, under tests with the intent of the web platform's own. */
@NullMarked
package io.duplex.conformance.w3c;

import org.jspecify.annotations.NullMarked;
