package io.duplex.polling;

/** What brings a client the packets of its session: polls, a stream, a WebSocket. Confined to the session's loop. */
interface ClientCarrier {
    /** Begins; the {@link ClientSession} is told what becomes of it. */
    void start();

    /** Gives way: the session is told no more of it, but may still get packets that were under way. */
    void stop();

    /** Whether the handler takes messages. */
    void onReading(boolean reading);
}
