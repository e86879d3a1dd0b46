/** A long run with steady load, looking for what grows, gets lost or is left behind. */
@NullMarked
package io.duplex.conformance.soak;

import org.jspecify.annotations.NullMarked;
