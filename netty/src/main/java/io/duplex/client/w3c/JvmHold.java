package io.duplex.client.w3c;

import org.jspecify.annotations.Nullable;

/** Keeps the JVM from ending as long as somebody holds it: by one thread that waits. Thread-safe. */
final class JvmHold {
    private int holders;
    private @Nullable Thread thread;

    synchronized void acquire() {
        holders++;
        if (thread == null) {
            thread = new Thread(this::awaitRelease, "duplex-w3c-open");
            thread.setDaemon(false);
            thread.start();
        }
    }

    synchronized void release() {
        holders--;
        notifyAll();
    }

    private synchronized void awaitRelease() {
        while (holders > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody's signal: what ends this thread is the last release.
            }
        }
        thread = null;
    }
}
