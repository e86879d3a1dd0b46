/** WebSocket connections inside a servlet container. */
@NullMarked
package io.duplex.servlet;

import org.jspecify.annotations.NullMarked;
