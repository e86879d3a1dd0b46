package io.duplex.server;

import io.duplex.handshake.RequestHead;

/** Answers ordinary HTTP requests beside the WebSocket routes. Called on an event loop: it must not block. */
@FunctionalInterface
public interface HttpHandler {
    /** Answers one request; its body, if there was one, has been read and dropped. */
    HttpResponse handle(RequestHead request);
}
