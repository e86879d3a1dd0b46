/** The arena: servers side by side under load, over real sockets, each in a fresh JVM. */
@NullMarked
package io.duplex.benchmarks.arena;

import org.jspecify.annotations.NullMarked;
