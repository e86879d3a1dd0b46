package io.duplex.conformance.soak;

import java.util.concurrent.atomic.LongAdder;

/** What all peers have seen so far. Thread-safe. */
final class Counters {
    final LongAdder opened = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder echoed = new LongAdder();
    final LongAdder published = new LongAdder();
    /** Sent, and under way as their peer broke the connection off by itself. */
    final LongAdder cut = new LongAdder();
    /** Sent or published, and never seen though the connection was whole. */
    final LongAdder lost = new LongAdder();
    /** Came twice, out of order, or not as they were sent. */
    final LongAdder wrong = new LongAdder();
    /** Connections that could not be made, or did not end as they should. */
    final LongAdder failed = new LongAdder();
}
