package io.duplex.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Credentials as HTTP's Basic scheme has them (RFC 7617), in UTF-8. */
final class BasicAuthorization {
    private BasicAuthorization() {}

    /**
     * The value of the field.
     *
     * @throws IllegalArgumentException if the user has a colon
     */
    static String of(String user, String password) {
        requireNoColon(user);
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    static void requireNoColon(String user) {
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("the user name has a colon, which Basic authentication cannot carry");
        }
    }
}
