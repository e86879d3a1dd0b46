/** Jakarta WebSocket 2.2: endpoints, sessions and containers over Duplex's connections. */
@NullMarked
package io.duplex.jakarta;

import org.jspecify.annotations.NullMarked;
