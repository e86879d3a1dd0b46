/** Runners of foreign test suites against Duplex. */
@NullMarked
package io.duplex.conformance;

import org.jspecify.annotations.NullMarked;
