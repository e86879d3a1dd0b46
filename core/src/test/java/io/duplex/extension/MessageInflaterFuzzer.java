package io.duplex.extension;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;

/** Any octets in any pieces: inflated or refused, the same whatever the pieces, never more than there is room for. */
@Covers({"PMD-7.2.2-7", "PMD-POL-1"})
class MessageInflaterFuzzer {
    private static final int LIMIT = 1 << 16;

    private final DeflatePool pool = new DeflatePool();

    @FuzzTest
    void anyOctetsAreInflatedOrRefused(FuzzedDataProvider data) {
        DeflateParameters parameters = new DeflateParameters(true, data.consumeBoolean(), 15, data.consumeInt(8, 15));
        int partBytes = data.consumeInt(1, 100);
        int roomBytes = data.consumeInt(1, 1000);
        MessageInflater inParts = new MessageInflater(parameters, Role.SERVER, pool);
        MessageInflater atOnce = new MessageInflater(parameters, Role.SERVER, pool);
        while (data.remainingBytes() > 0) {
            byte[] payload = data.consumeBytes(data.consumeInt(0, 500));
            byte[] plain = inflate(inParts, payload, partBytes, roomBytes);
            if (!Arrays.equals(plain, inflate(atOnce, payload, Math.max(1, payload.length), LIMIT))) {
                throw new AssertionError("pieces make a difference");
            }
            if (plain == null || plain.length > LIMIT) {
                break;
            }
        }
        inParts.close();
        atOnce.close();
    }

    /** The message, or its beginning if it is over the limit; {@code null} if it is refused. */
    private static byte[] inflate(MessageInflater inflater, byte[] payload, int partBytes, int roomBytes) {
        ByteBuffer plain = ByteBuffer.allocate(LIMIT + 1);
        int from = 0;
        try {
            do {
                int to = Math.min(payload.length, from + partBytes);
                inflater.input(ByteBuffer.wrap(payload, from, to - from), to == payload.length);
                int bytes;
                do {
                    plain.limit(Math.min(plain.capacity(), plain.position() + roomBytes));
                    bytes = inflater.inflate(plain);
                } while (bytes > 0 && plain.position() <= LIMIT);
                from = to;
            } while (from < payload.length && plain.position() <= LIMIT);
        } catch (DataFormatException e) {
            return null;
        }
        return Samples.toArray(plain.flip());
    }
}
