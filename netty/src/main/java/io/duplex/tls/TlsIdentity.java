package io.duplex.tls;

import io.duplex.WebSocketException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who one side of TLS is: a certificate chain and its private key, from two PEM files. The files are looked at when a handshake
 * comes, at most once a second, and read again when they have changed. Handshakes from then on show the new certificate;
 * connections go on as they are. New files that cannot be used are logged as a warning, and the old certificate stays.
 * Thread-safe.
 */
public final class TlsIdentity {
    private static final System.Logger LOGGER = System.getLogger(TlsIdentity.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Path chain;
    private final Path key;
    private final long lookNanos;

    /** How the files were when they were last read, usable or not. */
    private Stamp seen;

    private volatile KeyMaterial material;
    /** What was shown before: a handshake that chose it may still ask for it. */
    private volatile @Nullable KeyMaterial previous;

    private volatile long nextLookNanos;

    private TlsIdentity(Path chain, Path key, Duration lookEvery) throws IOException, GeneralSecurityException {
        this.chain = chain;
        this.key = key;
        this.lookNanos = lookEvery.toNanos();
        this.nextLookNanos = System.nanoTime() + lookNanos;
        // First how they are: what changes while they are read is then seen as a change.
        this.seen = Stamp.of(chain, key);
        this.material = KeyMaterial.read(chain, key);
    }

    /**
     * Reads an identity from PEM files (RFC 7468).
     *
     * @param chain the certificate, then those between it and a root
     * @param key the certificate's private key, in PKCS #8 and not encrypted
     * @throws WebSocketException if a file cannot be read, or the key is not that of the certificate
     */
    public static TlsIdentity of(Path chain, Path key) {
        return of(chain, key, LOOK_EVERY);
    }

    static TlsIdentity of(Path chain, Path key, Duration lookEvery) {
        try {
            return new TlsIdentity(chain, key, lookEvery);
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(chain, key, e);
        }
    }

    private static WebSocketException unusable(Path chain, Path key, Exception cause) {
        return new WebSocketException(
                "cannot use certificate " + chain + " with key " + key + ": " + describe(cause), cause);
    }

    private static String describe(Exception cause) {
        // The message of a missing file is its name alone.
        return cause instanceof IOException ? cause.toString() : String.valueOf(cause.getMessage());
    }

    /**
     * Reads the files again now, changed or not.
     *
     * @throws WebSocketException if they cannot be used; what was there before stays in use
     */
    public void reload() {
        try {
            read(Stamp.of(chain, key));
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(chain, key, e);
        }
    }

    private synchronized void read(Stamp stamp) throws IOException, GeneralSecurityException {
        seen = stamp;
        KeyMaterial fresh = KeyMaterial.read(chain, key);
        if (!fresh.alias().equals(material.alias())) {
            previous = material;
            material = fresh;
        }
    }

    /** The certificate chain in use, the own certificate first. */
    public List<X509Certificate> certificates() {
        return material.chain();
    }

    /** What to show now, once the files have been looked at. */
    KeyMaterial current() {
        long now = System.nanoTime();
        if (now - nextLookNanos >= 0) {
            nextLookNanos = now + lookNanos;
            look();
        }
        return material;
    }

    private synchronized void look() {
        try {
            Stamp stamp = Stamp.of(chain, key);
            if (!stamp.equals(seen)) {
                read(stamp);
                LOGGER.log(System.Logger.Level.INFO, "read certificate " + chain + " again");
            }
        } catch (IOException | GeneralSecurityException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the old certificate stays: cannot use " + chain + " with key " + key + ": " + describe(e));
        }
    }

    /** The material that was chosen under {@code alias}; {@code null} if it is none of this identity's, or long gone. */
    @Nullable KeyMaterial find(String alias) {
        KeyMaterial present = material;
        if (present.alias().equals(alias)) {
            return present;
        }
        KeyMaterial old = previous;
        return old != null && old.alias().equals(alias) ? old : null;
    }

    /** What tells that a file was written or replaced. */
    private record Stamp(FileStamp chain, FileStamp key) {
        static Stamp of(Path chain, Path key) throws IOException {
            return new Stamp(FileStamp.of(chain), FileStamp.of(key));
        }
    }

    private record FileStamp(FileTime modified, long bytes, String file) {
        private static final FileStamp MISSING = new FileStamp(FileTime.fromMillis(0), -1, "");

        static FileStamp of(Path path) throws IOException {
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(path, BasicFileAttributes.class);
            } catch (NoSuchFileException e) {
                // A state like any other: it is reported once, by whoever reads.
                return MISSING;
            }
            return new FileStamp(
                    attributes.lastModifiedTime(), attributes.size(), Objects.toString(attributes.fileKey()));
        }
    }
}
