/** Typed messages as JSON, by Jackson. */
@NullMarked
package io.duplex.jackson;

import org.jspecify.annotations.NullMarked;
