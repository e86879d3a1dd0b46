package io.duplex.extension;

import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Makes the native objects, raw DEFLATE without header or checksum (RFC 7692 §7.2.1). The place where another zlib than the
 * JDK's may come in one day, and where tests count. Confined to one thread at a time.
 */
interface Zlib {
    /** The JDK's own. */
    Zlib JDK = new Zlib() {
        @Override
        public Deflater deflater(int level) {
            return new Deflater(level, true);
        }

        @Override
        public Inflater inflater() {
            return new Inflater(true);
        }
    };

    /** A compressor, which the caller has to end. */
    Deflater deflater(int level);

    /** A decompressor, which the caller has to end. */
    Inflater inflater();
}
