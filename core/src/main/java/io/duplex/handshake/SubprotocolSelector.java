package io.duplex.handshake;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses the subprotocol of a connection (RFC 6455 §4.2.2). Called on the host's threads: must be thread-safe. */
@FunctionalInterface
public interface SubprotocolSelector {
    /**
     * Chooses one of the offered subprotocols.
     *
     * @param offered what the client offers, by its preference; never empty
     * @return one of {@code offered}, exactly as it stands there; {@code null} to go on without a subprotocol
     */
    @Nullable String select(List<String> offered, RequestHead request);

    /**
     * Chooses the first of {@code supported} that the client offers, so that the server's preference decides.
     *
     * @param supported different tokens, compared with case; may be empty
     * @throws IllegalArgumentException if one is no token, or stands there twice
     */
    static SubprotocolSelector preferring(List<String> supported) {
        List<String> names = Subprotocols.requireValid(supported);
        return (offered, request) -> {
            for (String name : names) {
                if (offered.contains(name)) {
                    return name;
                }
            }
            return null;
        };
    }
}
