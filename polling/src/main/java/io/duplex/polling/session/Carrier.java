package io.duplex.polling.session;

/**
 * What takes a session's packets to the peer at present: a request that is held, a stream. Called on the session's loop, never
 * from within a call that the carrier makes of the session, but for {@link Session#attach}.
 */
public interface Carrier {
    /** There is something in {@link Session#packets} that was not there before; or the session {@link Session#isOver}. */
    void onPackets();

    /** Another carrier has taken its place: it ends, and does not {@link Session#detach}. */
    void onReplaced();

    /** The session is gone, and what it had to say was said as far as the peer came for it: the carrier ends. */
    void onGone();

    /**
     * The time has come that {@link Session#attach} was told, or this method.
     *
     * @return nanoseconds until the next time
     */
    long onTime();

    /** Whether it holds what came while the session took no messages. */
    default boolean isHolding() {
        return false;
    }

    /** Whether the peer may send: for a carrier that takes messages up, too. */
    default void onReading(boolean reading) {}
}
