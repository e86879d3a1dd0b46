package io.duplex.tls;

import io.netty.handler.ssl.OpenSsl;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An implementation of TLS. */
public enum TlsProvider {
    /**
     * Google's BoringSSL, native code: there if {@code io.netty:netty-tcnative-boringssl-static} for this machine's platform is
     * on the class path. A handshake and a record cost it a fraction of what they cost the JDK.
     */
    BORINGSSL,
    /** The JDK's own: everywhere. */
    JDK;

    /** BoringSSL where it is there and loads, else the JDK. */
    public static TlsProvider best() {
        return BORINGSSL.isAvailable() ? BORINGSSL : JDK;
    }

    /**
     * The provider of the given name: {@code auto}, {@code boringssl} or {@code jdk}.
     *
     * @throws IllegalArgumentException if there is no such provider, or it is not there
     */
    public static TlsProvider parse(String name) {
        if (name.equals("auto")) {
            return best();
        }
        for (TlsProvider provider : values()) {
            if (provider.label().equals(name)) {
                provider.require();
                return provider;
            }
        }
        throw new IllegalArgumentException("no TLS provider '" + name + "', choose auto, boringssl or jdk");
    }

    /** The name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it can be used here. */
    public boolean isAvailable() {
        return unavailabilityCause() == null;
    }

    /**
     * Checks that it can be used here.
     *
     * @throws IllegalArgumentException if not, with the reason
     */
    public void require() {
        Throwable missing = unavailabilityCause();
        if (missing != null) {
            throw new IllegalArgumentException(
                    label()
                            + " is not available; is netty-tcnative-boringssl-static for this platform on the class path? "
                            + missing.getMessage(),
                    missing);
        }
    }

    private @Nullable Throwable unavailabilityCause() {
        return this == JDK ? null : OpenSsl.unavailabilityCause();
    }
}
