package io.duplex.cli;

import io.duplex.legacy.LegacyDialect;
import io.duplex.legacy.LegacyVersion;
import io.duplex.server.RouteOptions;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which clients from before RFC 6455 are let in; version and origin come together or not at all. */
final class LegacyOptions {
    @Option(
            names = "--legacy",
            paramLabel = "VERSION",
            required = true,
            converter = Version.class,
            description = "Lets clients in that speak hixie-75, hixie-76, hybi-07 or hybi-08, which is less safe than"
                    + " RFC 6455. Can be repeated.")
    @SuppressWarnings("NullAway.Init")
    private List<LegacyVersion> versions;

    @Option(
            names = "--legacy-origin",
            paramLabel = "ORIGIN",
            required = true,
            description = "The origin whose pages may connect so. Can be repeated.")
    @SuppressWarnings("NullAway.Init")
    private List<String> origins;

    /** Reads a version by its name. */
    static final class Version implements ITypeConverter<LegacyVersion> {
        @Override
        public LegacyVersion convert(String value) {
            try {
                return LegacyVersion.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * The options of routes that let them in.
     *
     * @throws IllegalArgumentException if an origin is none
     */
    RouteOptions routeOptions() {
        return RouteOptions.builder()
                .dialect(LegacyDialect.builder()
                        .accept(versions.toArray(new LegacyVersion[0]))
                        .allowedOrigins(origins.toArray(new String[0]))
                        .build())
                .build();
    }
}
