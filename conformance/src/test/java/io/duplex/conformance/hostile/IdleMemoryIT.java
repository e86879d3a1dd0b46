package io.duplex.conformance.hostile;

import static io.duplex.conformance.hostile.Attacker.BINARY;
import static io.duplex.conformance.hostile.Attacker.FIN;
import static io.duplex.conformance.hostile.Attacker.RSV1;
import static io.duplex.conformance.hostile.Attacker.bomb;
import static io.duplex.conformance.hostile.Attacker.frame;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What an idle connection takes of the process's memory. */
class IdleMemoryIT {
    private static final int CONNECTIONS = 4_000;
    private static final int MESSAGE_BYTES = 8 << 10;

    private static byte[] compressedNoise() {
        byte[] text = new byte[MESSAGE_BYTES];
        new java.util.Random(1).nextBytes(text);
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ('a' + (text[i] & 15));
        }
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(text);
            byte[] out = new byte[2 * MESSAGE_BYTES];
            int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(out, 0, length - 4);
            return message.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /** Resident bytes that each of many connections adds, which may have been used. */
    private static long bytesEach(boolean compressed, String... fields) throws Exception {
        // The young generation is small, so that the garbage of handshakes is not taken for memory that is held.
        try (Victim victim = Victim.start(List.of("env", "JDK_JAVA_OPTIONS=-Xmn8m"))) {
            byte[] message = frame(FIN | RSV1 | BINARY, compressed ? compressedNoise() : bomb(1));
            List<Attacker> idle = new ArrayList<>();
            victim.mustEcho();
            victim.collectGarbage();
            long before = victim.residentBytes();
            use(victim, idle, CONNECTIONS, compressed ? message : null, fields);
            victim.collectGarbage();
            long each = (victim.residentBytes() - before) / CONNECTIONS;
            victim.mustEcho();
            for (Attacker peer : idle) {
                peer.close();
            }
            return each;
        }
    }

    private static void use(
            Victim victim,
            List<Attacker> idle,
            int connections,
            byte @org.jspecify.annotations.Nullable [] message,
            String... fields)
            throws IOException {
        for (int i = 0; i < connections; i++) {
            Attacker peer = Attacker.open(victim.port(), "/echo", fields);
            if (message != null) {
                peer.send(message);
                peer.read(2);
            }
            idle.add(peer);
        }
    }

    @Test
    void anIdleConnectionTakesAtMost16KiB() throws Exception {
        assertThat(bytesEach(false)).isLessThanOrEqualTo(16 << 10);
    }

    @Test
    void oneThatUsedCompressionTakesAtMost160KiB() throws Exception {
        assertThat(bytesEach(true, "Sec-WebSocket-Extensions: permessage-deflate"))
                .isLessThanOrEqualTo(160 << 10);
    }

    @Test
    void oneThatUsedItWithoutContextTakeoverTakesAtMost32KiB() throws Exception {
        assertThat(bytesEach(
                        true,
                        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                                + " client_no_context_takeover"))
                .isLessThanOrEqualTo(32 << 10);
    }
}
