/** The arena's load generator. */
@NullMarked
package io.duplex.benchmarks.load;

import org.jspecify.annotations.NullMarked;
