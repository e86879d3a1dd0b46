package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

/** What keeps this JVM alive. */
final class JvmHolds {
    private JvmHolds() {}

    /** Waits until nothing does any more. */
    static void awaitNone() throws InterruptedException {
        Thread holding = thread();
        if (holding != null) {
            holding.join(60_000);
            assertThat(holding.isAlive()).isFalse();
        }
    }

    /** The thread that does, as long as a socket is open; {@code null} if there is none. */
    static @Nullable Thread thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("duplex-w3c-open"))
                .findFirst()
                .orElse(null);
    }
}
