package io.duplex.legacy;

import io.duplex.connection.Dialect;
import io.duplex.connection.DialectAnswer;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients in that speak a {@link LegacyVersion}, beside those of RFC 6455, from the origins that are named and no others.
 *
 * <p>It gives up what RFC 6455 was made for. Clients of the hixie versions do not mask, so that a page can have them send what a
 * proxy on the way takes for HTTP and caches for others (RFC 6455 §10.3); their handshake proves little (hixie-76) or nothing
 * (hixie-75); a cut cannot be told from an end; there is no binary, no Ping and no compression. Whoever needs no such client
 * should not use it. The first connection is logged as a warning, all are counted.
 *
 * <p>Immutable but for what it counts, and thread-safe.
 */
public final class LegacyDialect implements Dialect {
    private static final System.Logger LOGGER = System.getLogger(LegacyDialect.class.getName());

    private static final String VERSION = "Sec-WebSocket-Version";
    private static final String KEY = "Sec-WebSocket-Key";
    private static final String KEY1 = "Sec-WebSocket-Key1";
    private static final String KEY2 = "Sec-WebSocket-Key2";
    private static final String DRAFT = "Sec-WebSocket-Draft";
    private static final String CONTENT_LENGTH = "Content-Length";
    private static final String KEY3_LENGTH = Integer.toString(KeyChallenge.KEY3_BYTES);
    private static final String ORIGIN = "Origin";
    private static final String SEC_ORIGIN = "Sec-WebSocket-Origin";

    /** One is usual; a client that offers several has spaces between them. */
    private static final Pattern SEPARATORS = Pattern.compile("[ ,]+");

    private final Set<LegacyVersion> versions;
    private final OriginPolicy origins;
    private final Map<LegacyVersion, LongAdder> accepted = new EnumMap<>(LegacyVersion.class);
    private final LongAdder refused = new LongAdder();
    private final AtomicBoolean warned = new AtomicBoolean();

    private LegacyDialect(Builder builder) {
        versions = EnumSet.copyOf(builder.versions);
        origins = OriginPolicy.allow(builder.origins).requirePresent();
        for (LegacyVersion version : versions) {
            accepted.put(version, new LongAdder());
        }
    }

    /** Starts without any version. */
    public static Builder builder() {
        return new Builder();
    }

    /** How many requests of that version have been accepted. */
    public long accepted(LegacyVersion version) {
        LongAdder count = accepted.get(version);
        return count == null ? 0 : count.sum();
    }

    /** How many requests of a version that is let in have been refused. */
    public long refused() {
        return refused.sum();
    }

    @Override
    public DialectAnswer answer(RequestHead request, boolean isSecure, ServerHandshake handshake) {
        Answer usual = handshake.answer(withoutKey3Length(request), isSecure);
        LegacyVersion version = usual instanceof Answer.Refused refusal ? version(request.fields(), refusal) : null;
        if (version == null || !versions.contains(version)) {
            return DialectAnswer.of(request, usual instanceof Answer.Refused refusal ? listVersions(refusal) : usual);
        }
        DialectAnswer answer = switch (version) {
            case HIXIE_75 -> hixie75(request, isSecure, handshake);
            case HIXIE_76 -> hixie76(request, isSecure, handshake);
            case HYBI_07, HYBI_08 -> hybi(request, isSecure, handshake);
        };
        count(version, answer, request);
        return answer;
    }

    /** Some clients and proxies count the octets behind the head as a body, which others cannot. */
    private static RequestHead withoutKey3Length(RequestHead request) {
        HeaderFields fields = request.fields();
        boolean counts = fields.contains(KEY1)
                && fields.contains(KEY2)
                && !fields.contains(VERSION)
                && isOnly(fields, CONTENT_LENGTH, KEY3_LENGTH);
        return counts ? with(request, without(fields, CONTENT_LENGTH)) : request;
    }

    private static HeaderFields.Builder without(HeaderFields fields, String... names) {
        HeaderFields.Builder others = HeaderFields.builder();
        for (int line = 0; line < fields.size(); line++) {
            String name = fields.name(line);
            if (Stream.of(names).noneMatch(name::equalsIgnoreCase)) {
                others.add(name, fields.value(line));
            }
        }
        return others;
    }

    /** What a request speaks that is refused for its version alone; {@code null} if there is no other fault in it. */
    private static @Nullable LegacyVersion version(HeaderFields fields, Answer.Refused refusal) {
        if (refusal.fault() == HandshakeFault.UNSUPPORTED_VERSION) {
            String number = fields.first(VERSION);
            if ("8".equals(number)) {
                return LegacyVersion.HYBI_08;
            }
            return "7".equals(number) ? LegacyVersion.HYBI_07 : null;
        }
        // Nothing before the version is wrong with a request that is refused so (RFC 6455 §4.2.1).
        if (refusal.fault() != HandshakeFault.INVALID_VERSION
                || fields.contains(VERSION)
                || !isOnly(fields, "Upgrade", "WebSocket")
                || !isOnly(fields, "Connection", "Upgrade")) {
            return null;
        }
        if (fields.contains(KEY1) && fields.contains(KEY2)) {
            return LegacyVersion.HIXIE_76;
        }
        boolean hasKey = fields.contains(KEY) || fields.contains(KEY1) || fields.contains(KEY2);
        return hasKey ? null : LegacyVersion.HIXIE_75;
    }

    private static boolean isOnly(HeaderFields fields, String name, String value) {
        String only = only(fields, name);
        return only != null && only.equalsIgnoreCase(value);
    }

    private static @Nullable String only(HeaderFields fields, String name) {
        List<String> values = fields.all(name);
        return values.size() == 1 ? values.get(0) : null;
    }

    private void count(LegacyVersion version, DialectAnswer answer, RequestHead request) {
        if (!(answer instanceof DialectAnswer.Accepted)) {
            refused.increment();
            return;
        }
        LongAdder count = accepted.get(version);
        if (count != null) {
            count.increment();
        }
        if (!warned.getAndSet(true)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "a client came by " + version + " at " + request.path()
                            + ": less safe than RFC 6455 (no warning for those that follow)");
        }
    }

    // hixie-75, hixie-76

    private DialectAnswer hixie75(RequestHead request, boolean isSecure, ServerHandshake handshake) {
        return hixie(request, isSecure, handshake, "WebSocket-Protocol", null);
    }

    private DialectAnswer hixie76(RequestHead request, boolean isSecure, ServerHandshake handshake) {
        HeaderFields fields = request.fields();
        List<String> drafts = fields.all(DRAFT);
        if (!drafts.isEmpty() && !drafts.equals(List.of("0"))) {
            return refuse("Sec-WebSocket-Draft is not 0: its frames are others\n");
        }
        String key1 = only(fields, KEY1);
        String key2 = only(fields, KEY2);
        KeyChallenge challenge = key1 == null || key2 == null ? null : KeyChallenge.of(key1, key2);
        if (challenge == null) {
            return refuse("Sec-WebSocket-Key1 or Sec-WebSocket-Key2 is not valid (hixie-76 section 5.2)\n");
        }
        return hixie(request, isSecure, handshake, "Sec-WebSocket-Protocol", challenge);
    }

    private DialectAnswer hixie(
            RequestHead request,
            boolean isSecure,
            ServerHandshake handshake,
            String subprotocolField,
            @Nullable KeyChallenge challenge) {
        HeaderFields fields = request.fields();
        String origin = only(fields, ORIGIN);
        String host = only(fields, "Host");
        if (origin == null || host == null || !origins.permits(origin, host, isSecure)) {
            return new DialectAnswer.Refused(Answer.Refused.of(HandshakeFault.ORIGIN_NOT_ALLOWED));
        }
        String offered = only(fields, subprotocolField);
        String subprotocol =
                offered == null ? null : handshake.selectSubprotocol(Arrays.asList(SEPARATORS.split(offered)), request);
        return new DialectAnswer.Accepted(
                request,
                new HixieAcceptance(
                        challenge, origin, location(request, host, isSecure), new Agreement(subprotocol, "", null)));
    }

    /** The URL as the client has it, which it compares: without the port that is its scheme's own. */
    private static String location(RequestHead request, String host, boolean isSecure) {
        String port = isSecure ? ":443" : ":80";
        String authority = host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
        return (isSecure ? "wss://" : "ws://") + authority + request.resourceName();
    }

    private static DialectAnswer refuse(String why) {
        return new DialectAnswer.Refused(Answer.Refused.of(400, HeaderFields.EMPTY, why));
    }

    // hybi-07, hybi-08

    private DialectAnswer hybi(RequestHead request, boolean isSecure, ServerHandshake handshake) {
        HeaderFields fields = request.fields();
        for (String extensions : fields.all("Sec-WebSocket-Extensions")) {
            if (extensions.indexOf('"') >= 0) {
                return refuse("Sec-WebSocket-Extensions has a quoted value, which came with version 13\n");
            }
        }
        // Drafts 11 and 12 are version 8, too, and have the field that RFC 6455 has.
        String sent = fields.contains(SEC_ORIGIN) ? only(fields, SEC_ORIGIN) : only(fields, ORIGIN);
        if (sent == null || fields.contains(SEC_ORIGIN) && fields.contains(ORIGIN) && !isOnly(fields, ORIGIN, sent)) {
            return new DialectAnswer.Refused(Answer.Refused.of(HandshakeFault.ORIGIN_NOT_ALLOWED));
        }
        HeaderFields.Builder told = without(fields, ORIGIN, SEC_ORIGIN).add(ORIGIN, sent);
        HeaderFields.Builder asked =
                without(fields, ORIGIN, SEC_ORIGIN, VERSION).add(ORIGIN, sent).add(VERSION, "13");
        Answer answer = handshake.toBuilder().origins(origins).build().answer(with(request, asked), isSecure);
        return DialectAnswer.of(with(request, told), answer);
    }

    private static RequestHead with(RequestHead request, HeaderFields.Builder fields) {
        return new RequestHead(request.method(), request.target(), request.version(), fields.build());
    }

    /** Names all versions that are spoken to a client that asked for another (RFC 6455 §4.4). */
    private Answer.Refused listVersions(Answer.Refused refusal) {
        if (refusal.fault() != HandshakeFault.UNSUPPORTED_VERSION) {
            return refusal;
        }
        String spoken = "13"
                + (versions.contains(LegacyVersion.HYBI_08) ? ", 8" : "")
                + (versions.contains(LegacyVersion.HYBI_07) ? ", 7" : "");
        HeaderFields fields = HeaderFields.builder()
                .add("Upgrade", "websocket")
                .add(VERSION, spoken)
                .build();
        return new Answer.Refused(refusal.status(), fields, refusal.body(), refusal.fault());
    }

    /** Builds {@link LegacyDialect}s. Confined to one thread at a time. */
    public static final class Builder {
        private final Set<LegacyVersion> versions = EnumSet.noneOf(LegacyVersion.class);
        private List<String> origins = List.of();

        private Builder() {}

        /** Lets clients of these versions in as well. */
        public Builder accept(LegacyVersion... spoken) {
            versions.addAll(List.of(spoken));
            return this;
        }

        /**
         * Sets the origins whose pages may connect by these versions; those of the route are for RFC 6455 alone. A client that
         * names no origin is refused.
         *
         * @param allowed such as {@code http://old.example}
         * @throws IllegalArgumentException if one is no origin
         */
        public Builder allowedOrigins(String... allowed) {
            OriginPolicy.allow(List.of(allowed));
            origins = List.of(allowed);
            return this;
        }

        /**
         * Builds the dialect.
         *
         * @throws IllegalStateException if no version is let in, or no origin
         */
        public LegacyDialect build() {
            if (versions.isEmpty() || origins.isEmpty()) {
                throw new IllegalStateException("a legacy dialect needs a version and an origin that are let in, has "
                        + versions + " and " + origins);
            }
            return new LegacyDialect(this);
        }
    }
}
