/** Topics, and who is subscribed to them. */
@NullMarked
package io.duplex.topic;

import org.jspecify.annotations.NullMarked;
