/** Notes which requirements the tests of a module show. Every module compiles it with its own tests. */
@NullMarked
package io.duplex.conformance.covered;

import org.jspecify.annotations.NullMarked;
