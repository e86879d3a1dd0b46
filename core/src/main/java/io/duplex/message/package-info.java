/** Messages assembled from frames, and their validation (RFC 6455 §5.4, §8.1). */
@NullMarked
package io.duplex.message;

import org.jspecify.annotations.NullMarked;
