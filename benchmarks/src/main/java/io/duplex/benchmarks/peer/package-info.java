/** The arena's servers: each echoes on every path, and broadcasts binary messages to all who came to {@code /fanout}. */
@NullMarked
package io.duplex.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
