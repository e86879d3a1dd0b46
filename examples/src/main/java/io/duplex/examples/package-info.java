/** Example programs, which the documentation quotes. */
@NullMarked
package io.duplex.examples;

import org.jspecify.annotations.NullMarked;
