package io.duplex.connection;

import org.jspecify.annotations.Nullable;

/**
 * A message on its way to the members of a topic. Immutable and thread-safe.
 *
 * @param except the member that does not get it; {@code null} if all do
 */
record Publication(String topic, Outbound message, @Nullable Connection except) {}
