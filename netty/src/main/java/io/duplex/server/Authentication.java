package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an {@link Authenticator} decides. Immutable and thread-safe. */
public sealed interface Authentication {
    /** Lets the peer in, without saying who it is. */
    static Accepted accept() {
        return Accepted.NOBODY;
    }

    /** Lets the peer in as {@code principal}. */
    static Accepted accept(Principal principal) {
        return new Accepted(principal, Map.of(), HeaderFields.EMPTY);
    }

    /** Lets the peer in under a name. */
    static Accepted accept(String name) {
        return accept(new Name(name));
    }

    /**
     * Refuses with an empty answer. One with 401 carries {@code WWW-Authenticate: Bearer}; for another challenge there is
     * {@link #refuse(HttpResponse)}.
     *
     * @param status 300 to 599
     * @throws IllegalArgumentException if the status is out of range
     */
    static Refused refuse(int status) {
        return new Refused(new HttpResponse(status, HeaderFields.EMPTY, new byte[0]));
    }

    /**
     * Refuses with a short text, which the peer is sent. One with 401 carries {@code WWW-Authenticate: Bearer}.
     *
     * @param status 300 to 599
     * @throws IllegalArgumentException if the status is out of range
     */
    static Refused refuse(int status, String text) {
        return new Refused(HttpResponse.text(status, text));
    }

    /**
     * Refuses with this answer, its fields and its body.
     *
     * @throws IllegalArgumentException if its status is below 300
     */
    static Refused refuse(HttpResponse answer) {
        return new Refused(answer);
    }

    /**
     * The peer is let in.
     *
     * @param principal who it is, for {@link io.duplex.Handshake#principal()}; {@code null} for nobody in particular
     * @param attributes what is to be known of it, for {@link io.duplex.Handshake#attributes()}
     * @param fields that the answer carries besides those of the handshake, such as Set-Cookie
     */
    record Accepted(@Nullable Principal principal, Map<String, Object> attributes, HeaderFields fields)
            implements Authentication {
        private static final Accepted NOBODY = new Accepted(null, Map.of(), HeaderFields.EMPTY);

        /** Copies the attributes. */
        public Accepted {
            attributes = Map.copyOf(attributes);
        }

        /** The same with these attributes and no others. */
        public Accepted withAttributes(Map<String, Object> other) {
            return new Accepted(principal, other, fields);
        }

        /** The same with these fields and no others. */
        public Accepted withFields(HeaderFields other) {
            return new Accepted(principal, attributes, other);
        }
    }

    /**
     * The peer is not let in.
     *
     * @param answer what it is told, with a status of 300 to 599
     */
    record Refused(HttpResponse answer) implements Authentication {
        private static final int LEAST_STATUS = 300;

        /**
         * Checks the status.
         *
         * @throws IllegalArgumentException if it is below 300
         */
        public Refused {
            if (answer.status() < LEAST_STATUS) {
                throw new IllegalArgumentException("status of a refusal is " + answer.status() + ", range 300 to 599");
            }
        }
    }

    /**
     * A principal that is nothing but its name.
     *
     * @param name what to call it
     */
    record Name(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }
}
