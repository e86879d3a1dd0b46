package io.duplex.extension;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Options of permessage-deflate (RFC 7692), and its negotiation by them. Immutable and thread-safe.
 *
 * <p>The defaults keep no context between messages, in either direction. It costs compression: 1 KiB of JSON shrinks to 31
 * instead of 24 percent, and the more the messages are alike the more is lost. It buys this: a connection that is not just
 * sending holds no {@code Deflater} (up to 270 KiB of native memory each), an idle one no window, and one message to many
 * subscribers can be compressed once for all. It is also what simple peers can do: some offer nothing else and refuse an answer
 * without it.
 *
 * <p>Window bits below 15 are honoured although the JDK's zlib has no such setting: the compressor cuts what it is given
 * into pieces of the size of the window, and no reference leaves its piece. A small window costs time and compression; what it
 * saves is memory of a side that inflates with context takeover.
 *
 * <p>Compression next to TLS can leak secrets by size (CRIME, BREACH) if a message holds both a secret and what an
 * attacker chose (RFC 7692 §8): send such messages uncompressed, or use {@link #DISABLED}.
 */
public final class PermessageDeflate {
    /** Never offered, never accepted. */
    public static final PermessageDeflate DISABLED = new PermessageDeflate(new Builder(), false);
    /** The defaults of {@link Builder}. */
    public static final PermessageDeflate DEFAULT = builder().build();

    private final boolean enabled;
    private final int level;
    private final int thresholdBytes;
    private final boolean serverNoContextTakeover;
    private final boolean clientNoContextTakeover;
    private final int serverMaxWindowBits;
    private final int clientMaxWindowBits;
    private final boolean offerClientMaxWindowBits;

    private PermessageDeflate(Builder builder, boolean enabled) {
        this.enabled = enabled;
        level = builder.level;
        thresholdBytes = builder.thresholdBytes;
        serverNoContextTakeover = builder.serverNoContextTakeover;
        clientNoContextTakeover = builder.clientNoContextTakeover;
        serverMaxWindowBits = builder.serverMaxWindowBits;
        clientMaxWindowBits = builder.clientMaxWindowBits;
        offerClientMaxWindowBits = builder.offerClientMaxWindowBits;
    }

    /** Starts from the defaults, enabled. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether it is offered and accepted at all. */
    public boolean isEnabled() {
        return enabled;
    }

    /**
     * zlib's compression level, 1 (fastest) to 9. Default 1: level 6 takes up to three times as long, most with context
     * takeover and big messages, and saves a tenth to a quarter of the size. At level 1 a message of at most 2 KiB that stands
     * alone is compressed without zlib, if that halves it: ten times as fast, and a fifth longer. Level 2 is always zlib's.
     */
    public int level() {
        return level;
    }

    /**
     * Messages of fewer bytes are sent uncompressed. Default 1024: such a message fits into one TCP segment either way, so
     * compressing it saves bytes but no packet, and costs the time of both sides.
     */
    public int thresholdBytes() {
        return thresholdBytes;
    }

    /** See {@link Builder#serverNoContextTakeover}. */
    public boolean serverNoContextTakeover() {
        return serverNoContextTakeover;
    }

    /** See {@link Builder#clientNoContextTakeover}. */
    public boolean clientNoContextTakeover() {
        return clientNoContextTakeover;
    }

    /** See {@link Builder#serverMaxWindowBits}. */
    public int serverMaxWindowBits() {
        return serverMaxWindowBits;
    }

    /** See {@link Builder#clientMaxWindowBits}. */
    public int clientMaxWindowBits() {
        return clientMaxWindowBits;
    }

    /** See {@link Builder#offerClientMaxWindowBits}. */
    public boolean offersClientMaxWindowBits() {
        return offerClientMaxWindowBits;
    }

    /**
     * A server's choice among a client's offers: the first that is well formed, for every configuration that RFC 7692 knows
     * is supported (RFC 7692 §5). Elements with other names, or with unknown, repeated or invalid parameters, are passed over.
     *
     * <p>A hint of {@code client_no_context_takeover} is always answered, since some clients demand it. A hint of {@code
     * client_max_window_bits} is answered only if {@link #clientMaxWindowBits()} is below 15: our own inflater takes any
     * window, and clients on zlib get 8 bits wrong.
     *
     * @param offers all elements of the request, in its order
     * @return what to answer, or {@code null} to decline
     */
    public @Nullable DeflateParameters accept(List<ExtensionElement> offers) {
        if (!enabled) {
            return null;
        }
        for (ExtensionElement offer : offers) {
            if (DeflateElement.isNamed(offer)) {
                DeflateElement element = new DeflateElement(offer);
                if (element.fault() == null) {
                    return answer(element);
                }
            }
        }
        return null;
    }

    private DeflateParameters answer(DeflateElement offer) {
        boolean serverBitsAsked = offer.serverMaxWindowBits() != DeflateElement.ABSENT;
        // Not offered, the parameter must not be answered (RFC 7692 §7.1.2.2); then our wish for less is void.
        boolean clientBitsOffered = offer.clientMaxWindowBits() != DeflateElement.ABSENT
                && clientMaxWindowBits < DeflateParameters.MAX_WINDOW_BITS;
        return new DeflateParameters(
                serverNoContextTakeover || offer.serverNoContextTakeover(),
                clientNoContextTakeover || offer.clientNoContextTakeover(),
                serverBitsAsked ? Math.min(serverMaxWindowBits, offer.serverMaxWindowBits()) : serverMaxWindowBits,
                clientBitsOffered
                        ? Math.min(clientMaxWindowBits, offer.clientMaxWindowBits())
                        : DeflateParameters.MAX_WINDOW_BITS,
                serverBitsAsked);
    }

    /**
     * A client's offer, one element (RFC 7692 §5).
     *
     * @throws IllegalStateException if it is not enabled
     */
    public String offer() {
        if (!enabled) {
            throw new IllegalStateException("permessage-deflate is disabled");
        }
        StringBuilder offer = new StringBuilder(DeflateParameters.EXTENSION);
        if (serverNoContextTakeover) {
            offer.append("; ").append(DeflateParameters.SERVER_NO_CONTEXT_TAKEOVER);
        }
        if (clientNoContextTakeover) {
            offer.append("; ").append(DeflateParameters.CLIENT_NO_CONTEXT_TAKEOVER);
        }
        if (serverMaxWindowBits < DeflateParameters.MAX_WINDOW_BITS) {
            offer.append("; ")
                    .append(DeflateParameters.SERVER_MAX_WINDOW_BITS)
                    .append('=')
                    .append(serverMaxWindowBits);
        }
        if (offerClientMaxWindowBits) {
            offer.append("; ").append(DeflateParameters.CLIENT_MAX_WINDOW_BITS);
            if (clientMaxWindowBits < DeflateParameters.MAX_WINDOW_BITS) {
                offer.append('=').append(clientMaxWindowBits);
            }
        }
        return offer.toString();
    }

    /**
     * A client's check of the server's answer to {@link #offer()} (RFC 7692 §5.1). Where the server left us more than we
     * hinted at, our own wish stands: we take no context over and use no bigger window than we said.
     *
     * @param response all elements of the response; empty if it has none
     * @return what is agreed, or {@code null} if the server declined
     * @throws IllegalArgumentException if the answer is not valid for the offer, which fails the connection
     */
    public @Nullable DeflateParameters agree(List<ExtensionElement> response) {
        if (response.isEmpty()) {
            return null;
        }
        if (!enabled || !DeflateElement.isNamed(response.get(0))) {
            throw new IllegalArgumentException("server accepted an extension that was not offered");
        }
        if (response.size() > 1) {
            throw new IllegalArgumentException("server accepted more extensions than were offered");
        }
        DeflateElement answer = new DeflateElement(response.get(0));
        String fault = answer.fault() == null ? mismatch(answer) : answer.fault();
        if (fault != null) {
            throw new IllegalArgumentException("permessage-deflate in the response: " + fault);
        }
        return new DeflateParameters(
                answer.serverNoContextTakeover(),
                clientNoContextTakeover || answer.clientNoContextTakeover(),
                answer.serverMaxWindowBits() == DeflateElement.ABSENT
                        ? DeflateParameters.MAX_WINDOW_BITS
                        : answer.serverMaxWindowBits(),
                answer.clientMaxWindowBits() == DeflateElement.ABSENT
                        ? clientMaxWindowBits
                        : Math.min(clientMaxWindowBits, answer.clientMaxWindowBits()));
    }

    private @Nullable String mismatch(DeflateElement answer) {
        if (serverNoContextTakeover && !answer.serverNoContextTakeover()) {
            return "server_no_context_takeover was asked for and is missing";
        }
        if (serverMaxWindowBits < DeflateParameters.MAX_WINDOW_BITS
                && (answer.serverMaxWindowBits() == DeflateElement.ABSENT
                        || answer.serverMaxWindowBits() > serverMaxWindowBits)) {
            return "server_max_window_bits was asked for and is missing or too big";
        }
        if (answer.clientMaxWindowBits() != DeflateElement.ABSENT && !offerClientMaxWindowBits) {
            return "client_max_window_bits was not offered";
        }
        if (answer.clientMaxWindowBits() == DeflateElement.UNLIMITED) {
            return "client_max_window_bits has no value";
        }
        return null;
    }

    /** Builds {@link PermessageDeflate}. Confined to one thread at a time. */
    public static final class Builder {
        private int level = 1;
        private int thresholdBytes = 1024;
        private boolean serverNoContextTakeover = true;
        private boolean clientNoContextTakeover;
        private int serverMaxWindowBits = DeflateParameters.MAX_WINDOW_BITS;
        private int clientMaxWindowBits = DeflateParameters.MAX_WINDOW_BITS;
        private boolean offerClientMaxWindowBits = true;

        private Builder() {}

        /**
         * Sets {@link PermessageDeflate#level()}.
         *
         * @throws IllegalArgumentException if it is not 1 to 9
         */
        public Builder level(int level) {
            if (level < 1 || level > 9) {
                throw new IllegalArgumentException("level is " + level + ", must be 1 to 9");
            }
            this.level = level;
            return this;
        }

        /**
         * Sets {@link PermessageDeflate#thresholdBytes()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder thresholdBytes(int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("thresholdBytes is " + bytes + ", must not be negative");
            }
            thresholdBytes = bytes;
            return this;
        }

        /**
         * Whether the server compresses each message by itself. A server with this set always does and says so; a client with
         * this set asks for it, and a server that cannot declines. Default {@code true}. Set to {@code false}, a server keeps a
         * {@code Deflater} a connection as far as {@link DeflatePool} has room, unless the client asks otherwise.
         */
        public Builder serverNoContextTakeover(boolean noContextTakeover) {
            serverNoContextTakeover = noContextTakeover;
            return this;
        }

        /**
         * Whether the client compresses each message by itself. A server with this set demands it, offered or not; a client
         * with this set hints at it, and does so whatever the server answers. Default {@code false}: every client has to
         * support the demand (RFC 7692 §7.1.1.2), but some refuse it, and some ignore it, break their second message, and are
         * closed with 1007. A server that does not demand it keeps up to 32 KiB of what each connection last received.
         */
        public Builder clientNoContextTakeover(boolean noContextTakeover) {
            clientNoContextTakeover = noContextTakeover;
            return this;
        }

        /**
         * The greatest window the server compresses with, as a power of two in bytes. A server never exceeds it; a client asks
         * for it, and a server that cannot declines. Default 15.
         *
         * @throws IllegalArgumentException if it is not 8 to 15
         */
        public Builder serverMaxWindowBits(int bits) {
            serverMaxWindowBits = DeflateParameters.checkWindowBits("serverMaxWindowBits", bits);
            return this;
        }

        /**
         * The greatest window the client compresses with, as a power of two in bytes. A client never exceeds it; a server
         * demands it from those clients that offer the parameter, and takes 15 from all others. Default 15.
         *
         * @throws IllegalArgumentException if it is not 8 to 15
         */
        public Builder clientMaxWindowBits(int bits) {
            clientMaxWindowBits = DeflateParameters.checkWindowBits("clientMaxWindowBits", bits);
            return this;
        }

        /**
         * Whether a client offers {@code client_max_window_bits}, so that the server may demand a smaller window. Default
         * {@code true}, for we can do any.
         */
        public Builder offerClientMaxWindowBits(boolean offer) {
            offerClientMaxWindowBits = offer;
            return this;
        }

        /** Builds the options. */
        public PermessageDeflate build() {
            return new PermessageDeflate(this, true);
        }
    }
}
