package io.duplex.spring;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import io.duplex.servlet.HandOff;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The {@code duplex.*} properties of an application. Immutable and thread-safe.
 *
 * @param enabled Whether Duplex serves the application's WebSocket endpoints, in place of the servlet container.
 * @param handOff Whether connections leave the servlet container for event loops of their own.
 * @param threads Number of event loops. 0 for one for each processor.
 * @param allowedOrigins Web origins whose pages may connect to Jakarta endpoints besides the application's own, such as
 *     https://chat.example. "*" for all.
 * @param limits What a peer can make the server hold.
 * @param compression Compression of messages (permessage-deflate).
 * @param keepalive How silent and dead peers are found.
 * @param drain How connections end when the application stops.
 * @param server A port for Jakarta endpoints alone, besides the application's.
 */
@ConfigurationProperties("duplex")
public record DuplexProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("auto") HandOff handOff,
        @DefaultValue("0") int threads,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue LimitsOf limits,
        @DefaultValue Compression compression,
        @DefaultValue Keepalive keepalive,
        @DefaultValue Drain drain,
        @DefaultValue Server server) {
    /**
     * What a peer can make the server hold.
     *
     * @param maxMessageSize Biggest message that is taken.
     * @param maxFrameSize Biggest frame that is taken. As the biggest message by default.
     * @param maxQueueSize Most that waits for a peer that does not read.
     * @param maxQueueMessages Most messages that wait for a peer that does not read.
     */
    public record LimitsOf(
            @DefaultValue("1MB") DataSize maxMessageSize,
            @Nullable DataSize maxFrameSize,
            @DefaultValue("4MB") DataSize maxQueueSize,
            @DefaultValue("16384") int maxQueueMessages) {}

    /**
     * Compression of messages.
     *
     * @param enabled Whether messages are compressed for peers that want it.
     * @param level Level of zlib, 1 to 9.
     * @param threshold Shorter messages are not compressed.
     */
    public record Compression(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("1") int level,
            @DefaultValue("1KB") DataSize threshold) {}

    /**
     * How silent and dead peers are found.
     *
     * @param pingInterval How long a peer may be silent before it is pinged. 0 for never.
     * @param pongTimeout How long a peer may take to answer. 0 for ever.
     * @param idleTimeout How long a peer may send nothing but pongs. 0 for ever.
     */
    public record Keepalive(
            @DefaultValue("25s") Duration pingInterval,
            @DefaultValue("20s") Duration pongTimeout,
            @DefaultValue("5m") Duration idleTimeout) {}

    /**
     * How connections end when the application stops.
     *
     * @param timeout How long peers have to answer the Close frame that is sent to them.
     */
    public record Drain(@DefaultValue("10s") Duration timeout) {}

    /**
     * A port for Jakarta endpoints alone, which Duplex serves itself: the application's filters see nothing of it.
     *
     * @param port Port to listen on, 0 for any that is free. Without it there is no such port.
     * @param address Network address to listen on.
     * @param io How to talk to sockets. One of auto, epoll, io_uring, nio.
     * @param ssl TLS on that port.
     */
    public record Server(
            @Nullable Integer port,
            @DefaultValue("127.0.0.1") String address,
            @DefaultValue("auto") String io,
            @DefaultValue Ssl ssl) {}

    /**
     * TLS on the port of its own.
     *
     * @param certificate Path to a PEM file with the certificate and those that signed it. It is read again when it has changed.
     * @param certificatePrivateKey Path to a PEM file with the key of the certificate.
     * @param trustCertificate Path to a PEM file with certificates; only clients with one that these signed are let in.
     */
    public record Ssl(
            @Nullable Path certificate,
            @Nullable Path certificatePrivateKey,
            @Nullable Path trustCertificate) {}

    Limits toLimits() {
        DataSize frame = limits.maxFrameSize;
        return Limits.builder()
                .maxMessageBytes(bytes(limits.maxMessageSize))
                .maxFrameBytes(bytes(frame == null ? limits.maxMessageSize : frame))
                .maxQueueBytes(bytes(limits.maxQueueSize))
                .maxQueueMessages(limits.maxQueueMessages)
                .build();
    }

    Timeouts toTimeouts() {
        return Timeouts.builder()
                .pingInterval(keepalive.pingInterval)
                .pong(keepalive.pongTimeout)
                .idle(keepalive.idleTimeout)
                .close(drain.timeout)
                .build();
    }

    PermessageDeflate toCompression() {
        return compression.enabled
                ? PermessageDeflate.builder()
                        .level(compression.level)
                        .thresholdBytes(bytes(compression.threshold))
                        .build()
                : PermessageDeflate.DISABLED;
    }

    OriginPolicy toOrigins() {
        if (allowedOrigins.contains("*")) {
            return OriginPolicy.any();
        }
        return allowedOrigins.isEmpty()
                ? OriginPolicy.sameOrigin()
                : OriginPolicy.allow(allowedOrigins).orSameOrigin();
    }

    /** {@code null} without a certificate. */
    @Nullable ServerTls toTls() {
        Ssl ssl = server.ssl;
        if (ssl.certificate == null || ssl.certificatePrivateKey == null) {
            if (ssl.certificate != null || ssl.certificatePrivateKey != null || ssl.trustCertificate != null) {
                throw new IllegalArgumentException(
                        "duplex.server.ssl needs both certificate and certificate-private-key");
            }
            return null;
        }
        ServerTls.Builder tls = ServerTls.builder(TlsIdentity.of(ssl.certificate, ssl.certificatePrivateKey));
        if (ssl.trustCertificate != null) {
            tls.requireClientCertificate(ssl.trustCertificate);
        }
        return tls.build();
    }

    int toThreads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    private static int bytes(DataSize size) {
        return Math.toIntExact(size.toBytes());
    }
}
