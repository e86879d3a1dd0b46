/** Openings and framing from before RFC 6455, for clients that know nothing else. */
@org.jspecify.annotations.NullMarked
package io.duplex.legacy;
