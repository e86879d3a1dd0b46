/** SockJS: sessions of text messages over WebSocket, streams and polling, as {@code sockjs-client} 1 speaks it. */
@NullMarked
package io.duplex.sockjs;

import org.jspecify.annotations.NullMarked;
