/** The same handlers and the same sockets over short polling, long polling and server-sent events. */
@NullMarked
package io.duplex.polling;

import org.jspecify.annotations.NullMarked;
