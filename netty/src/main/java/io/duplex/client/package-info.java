/** The WebSocket client. */
@NullMarked
package io.duplex.client;

import org.jspecify.annotations.NullMarked;
