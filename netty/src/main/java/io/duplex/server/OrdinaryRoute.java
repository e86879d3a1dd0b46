package io.duplex.server;

import io.duplex.connection.HttpService;
import io.duplex.connection.UpgradeHandler;
import io.duplex.handshake.HeaderFields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A path, or all that is below one, with ordinary answers.
 *
 * @param service who answers
 * @param maxBodyBytes of a request
 * @param isService whether it may carry sessions, so that the limits of connections hold for its requests
 * @param options who may open such sessions
 */
record OrdinaryRoute(HttpService service, int maxBodyBytes, boolean isService, RouteOptions options) {
    private static final int HANDLER_BODY_BYTES = 64 << 10;

    /** Where nothing is. */
    static final Routes.Match<OrdinaryRoute> NOTHING = new Routes.Match<>(
            new OrdinaryRoute(
                    exchange -> exchange.respond(
                            404,
                            HeaderFields.builder()
                                    .add("Content-Type", "text/plain; charset=utf-8")
                                    .build(),
                            ByteBuffer.wrap("nothing at this path".getBytes(StandardCharsets.US_ASCII))),
                    HANDLER_BODY_BYTES,
                    false,
                    RouteOptions.NONE),
            Map.of());

    static OrdinaryRoute of(HttpHandler handler) {
        return new OrdinaryRoute(new HandlerService(handler), HANDLER_BODY_BYTES, false, RouteOptions.NONE);
    }

    /** Who answers requests for WebSocket that no route has: {@code others} if this is nothing that knows them. */
    @Nullable UpgradeHandler upgradesOr(@Nullable UpgradeHandler others) {
        return isService ? service::upgrade : others;
    }
}
