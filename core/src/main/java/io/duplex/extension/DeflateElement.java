package io.duplex.extension;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One {@code permessage-deflate} element of an offer or a response, its parameters checked (RFC 7692 §7.1). */
final class DeflateElement {
    /** The parameter is not there. */
    static final int ABSENT = 0;
    /** The parameter is there without a value, which only {@code client_max_window_bits} in an offer may be. */
    static final int UNLIMITED = 16;

    /** Decimal without leading zeros: index 0 is {@link DeflateParameters#MIN_WINDOW_BITS}. */
    private static final List<String> WINDOW_BITS = List.of("8", "9", "10", "11", "12", "13", "14", "15");

    private boolean serverNoContextTakeover;
    private boolean clientNoContextTakeover;
    private int serverMaxWindowBits = ABSENT;
    private int clientMaxWindowBits = ABSENT;
    private @Nullable String fault;

    DeflateElement(ExtensionElement element) {
        for (ExtensionElement.Parameter parameter : element.parameters()) {
            fault = read(parameter.name(), parameter.value());
            if (fault != null) {
                return;
            }
        }
    }

    static boolean isNamed(ExtensionElement element) {
        return element.name().equals(DeflateParameters.EXTENSION);
    }

    boolean serverNoContextTakeover() {
        return serverNoContextTakeover;
    }

    boolean clientNoContextTakeover() {
        return clientNoContextTakeover;
    }

    /** 8 to 15 or {@link #ABSENT}. */
    int serverMaxWindowBits() {
        return serverMaxWindowBits;
    }

    /** 8 to 15, {@link #ABSENT} or {@link #UNLIMITED}. */
    int clientMaxWindowBits() {
        return clientMaxWindowBits;
    }

    /** The first parameter that is unknown, repeated or has an invalid value, in words of ours; {@code null} if none. */
    @Nullable String fault() {
        return fault;
    }

    private @Nullable String read(String name, @Nullable String value) {
        switch (name) {
            case DeflateParameters.SERVER_NO_CONTEXT_TAKEOVER -> {
                if (serverNoContextTakeover || value != null) {
                    return invalid(name);
                }
                serverNoContextTakeover = true;
            }
            case DeflateParameters.CLIENT_NO_CONTEXT_TAKEOVER -> {
                if (clientNoContextTakeover || value != null) {
                    return invalid(name);
                }
                clientNoContextTakeover = true;
            }
            case DeflateParameters.SERVER_MAX_WINDOW_BITS -> {
                int bits = windowBits(value);
                if (serverMaxWindowBits != ABSENT || bits == ABSENT) {
                    return invalid(name);
                }
                serverMaxWindowBits = bits;
            }
            case DeflateParameters.CLIENT_MAX_WINDOW_BITS -> {
                int bits = value == null ? UNLIMITED : windowBits(value);
                if (clientMaxWindowBits != ABSENT || bits == ABSENT) {
                    return invalid(name);
                }
                clientMaxWindowBits = bits;
            }
            default -> {
                return "parameter is unknown";
            }
        }
        return null;
    }

    private static int windowBits(@Nullable String value) {
        int index = value == null ? -1 : WINDOW_BITS.indexOf(value);
        return index < 0 ? ABSENT : index + DeflateParameters.MIN_WINDOW_BITS;
    }

    private static String invalid(String name) {
        return name + " is repeated or has an invalid value";
    }
}
