/** The public API of all modules, beside the lists of it in docs/reference/api. */
@NullMarked
package io.duplex.conformance.api;

import org.jspecify.annotations.NullMarked;
